//! A life for programs that run for months.

extern crate self as dig_service;

#[cfg(feature = "tokio-console")]
pub mod console;
mod control;
mod entry;
mod error;
mod event;
mod lifecycle;
#[cfg(feature = "structured-panic")]
pub mod panic;
mod peer;
mod phase;
mod process;
mod rpc;
mod service;
mod shutdown;
mod signals;
mod sync;
mod tasks;
mod watchdog;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

#[cfg(feature = "testing")]
pub mod testing;

pub use dig_rpc_types::envelope::JsonRpcError;
pub use dig_rpc_types::errors::ErrorCode;
pub use dig_service_macros::{
    RpcError, cleanup, dig_main, methods, node, on_start, on_stop, post_stop, pre_start, rpc, run,
};

pub use tokio::task::JoinHandle;
pub use tokio_util::sync::CancellationToken;

pub use crate::control::{ExitReport, ServiceHandle, StepError};
pub use crate::entry::{ExitCodes, MainOutput};
pub use crate::error::{ExitCode, Panicked, Result, ServiceError};
pub use crate::event::{Event, EventKind, EventSubscription, Lagged};
pub use crate::lifecycle::{Deadlines, NodeLifecycle, RunContext, StartContext, StopContext};
pub use crate::peer::{DisconnectReason, InboundMessage, PeerApi, PeerId, PeerIdHex, PeerInfo};
pub use crate::phase::Phase;
pub use crate::rpc::{
    IntoRpcError, MethodInfo, ParamInfo, ParamStructure, RpcApi, RpcContext, Transport,
};
pub use crate::service::{Service, ServiceBuilder};
pub use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason, ShutdownToken};
pub use crate::tasks::{
    Criticality, Refused, TaskContext, TaskCounts, TaskEnd, TaskId, TaskKind, TaskOptions,
    TaskOutcome, TaskRegistry, TaskSummary,
};
