//! A life for programs that run for months: nodes, daemons, validators, relays.
//!
//! Annotate a struct; the framework gives it ordered start and stop, signals, deadlines, exit
//! codes, tracked tasks, supervised children, a JSON-RPC surface and a local control plane.
//!
//! # A whole program
//!
//! ```no_run
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use dig_service::prelude::*;
//!
//! #[derive(Default)]
//! struct Counter {
//!     value: AtomicU64,
//! }
//!
//! #[dig_service::node(name = "counter", namespace = "counter", separator = ".")]
//! impl Counter {
//!     /// Adds to the counter and returns its new value.
//!     #[rpc]
//!     fn add(&self, by: u64) -> u64 {
//!         self.value.fetch_add(by, Ordering::Relaxed) + by
//!     }
//!
//!     #[on_stop]
//!     async fn save(&self) -> anyhow::Result<()> {
//!         Ok(std::fs::write("counter.txt", self.value.load(Ordering::Relaxed).to_string())?)
//!     }
//! }
//!
//! #[dig_service::dig_main]
//! async fn main() -> anyhow::Result<impl MainOutput> {
//!     let service = Service::node_builder(Counter::default());
//!     # #[cfg(feature = "http")]
//!     let service = service.rpc_http("127.0.0.1:9778");
//!     Ok(service)
//! }
//! ```
//!
//! # Where to read on
//!
//! | to learn about | see |
//! |---|---|
//! | the parts of a service and what `start` returns | [`Service`], [`ServiceBuilder`], [`ServiceError`] |
//! | hooks, their order and their undo | [`NodeLifecycle`], [`Deadlines`], [`Phase`] |
//! | the macros | [`macro@node`], [`macro@methods`], [`macro@rpc`], [`macro@task`], [`macro@supervised`], [`macro@dig_main`] |
//! | background work | [`TaskRegistry`], [`TaskOptions`] |
//! | parts that depend on one another, and are reloaded in place | [`registry`], [`macro@provider`] |
//! | children that are restarted | [`supervisor`], [`ServiceBuilder::supervise`] |
//! | stopping | [`ShutdownToken`], [`ShutdownReason`], [`ServiceHandle`] |
//! | exit codes | [`ExitStatus`], [`ExitCodes`], [`ExitCode`] |
//! | calling a node | [`client`], `client = NodeClient` in [`macro@node`] |
//! | JSON-RPC | [`RpcApi`], [`RpcContext`], [`IntoRpcError`], [`macro@RpcError`] |
//! | peers | [`PeerApi`] |
//! | what happened | [`ServiceHandle::subscribe`], [`EventKind`], [`ExitReport`] |
//! | looking in from outside | `dashboard` and `digctl`, `ServiceBuilder::metrics`, [`ServiceHandle::send_audited`] |
//!
//! # Features
//!
//! All are off by default. A feature adds items; none changes what is there.
//!
//! | feature | adds |
//! |---|---|
//! | `cli` | the program `digctl`, which looks into a running service and steers it |
//! | `client` | [`client`]: transports over HTTP and WebSockets for typed clients |
//! | `dashboard` | the control socket: `ServiceBuilder::dashboard`, module `dashboard`; Unix only |
//! | `http` | the JSON-RPC server: `ServiceBuilder::rpc_http`, module `rpc_http` |
//! | `init` | `init::run_as_init`: a parent process that is PID 1, forwards signals and reaps orphans |
//! | `metrics` | `ServiceBuilder::metrics`: counters and gauges at `GET /metrics`; turns on `http` |
//! | `openrpc` | `discover` in `#[node]`: the methods described as an OpenRPC document; `schemars`, re-exported |
//! | `structured-panic` | `panic::install`: panics as tracing events, unguarded ones stop the service |
//! | `systemd` | `ServiceBuilder::systemd`: readiness, status and watchdog of a unit with `Type=notify` |
//! | `testing` | `testing`: nodes that fail on request, transcripts, whole lives on a paused clock; turns on tokio's `test-util` |
//! | `tokio-console` | `console::init`, which needs a build with `--cfg tokio_unstable` |
//! | `ws` | `HttpOptions::websocket`: calls and subscriptions over WebSockets; turns on `http` |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings))))]

extern crate self as dig_service;

mod clock;
#[cfg(feature = "tokio-console")]
pub mod console;
mod control;
#[cfg(all(unix, feature = "dashboard"))]
pub mod dashboard;
mod decl;
mod duration;
mod entry;
mod error;
mod event;
#[cfg(feature = "init")]
pub mod init;
mod lifecycle;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "structured-panic")]
pub mod panic;
mod peer;
mod phase;
pub mod prelude;
mod process;
pub mod registry;
mod rpc;
mod service;
mod shutdown;
mod signals;
pub mod supervisor;
mod sync;
mod tasks;
mod watchdog;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

#[cfg(feature = "systemd")]
mod systemd;
#[cfg(feature = "testing")]
pub mod testing;

pub use dig_rpc_types::envelope::JsonRpcError;
pub use dig_rpc_types::errors::ErrorCode;
pub use dig_service_macros::{
    RpcError, boot, cleanup, dig_main, methods, node, on_start, on_stop, post_stop, pre_start,
    prepare, provider, reload, revert, rpc, rpc_group, run, shutdown, supervised, task, validate,
};

#[cfg(feature = "openrpc")]
pub use schemars;
pub use tokio::task::JoinHandle;
pub use tokio_util::sync::CancellationToken;

pub use crate::control::{
    Command, ExitCodes, ExitReport, Reply, ServiceHandle, SignalExit, StatusReport, StepError,
};
pub use crate::entry::MainOutput;
pub use crate::error::{ExitCode, Panicked, Result, ServiceError};
pub use crate::event::{CommandEvent, Event, EventKind, EventSubscription, Lagged};
pub use crate::lifecycle::{
    Deadlines, InvalidDeadlines, NodeLifecycle, ReloadDecl, RunContext, StartContext, StopContext,
    TaskDecl,
};
pub use crate::peer::{DisconnectReason, InboundMessage, PeerApi, PeerId, PeerIdHex, PeerInfo};
pub use crate::phase::Phase;
pub use crate::rpc::client;
#[cfg(feature = "http")]
pub use crate::rpc::http as rpc_http;
pub use crate::rpc::{
    ErrorInfo, IntoRpcError, MethodInfo, ParamInfo, ParamStructure, RpcApi, RpcContext, Transport,
};
pub use crate::service::{Attach, AttachContext, ReloadFailure, Service, ServiceBuilder};
pub use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason, ShutdownToken};
pub use crate::tasks::{
    Criticality, Heartbeat, PollStats, Protected, Refused, TaskContext, TaskCounts, TaskEnd,
    TaskId, TaskKind, TaskOptions, TaskOutcome, TaskRegistry, TaskSummary,
};
