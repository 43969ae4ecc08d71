//! A life for programs that run for months.

extern crate self as dig_service;

mod control;
mod error;
mod event;
mod lifecycle;
mod peer;
mod phase;
mod rpc;
mod service;
mod shutdown;
mod sync;
mod tasks;

#[cfg(feature = "testing")]
pub mod testing;

pub use tokio::task::JoinHandle;
pub use tokio_util::sync::CancellationToken;

pub use crate::control::{ExitReport, ServiceHandle, StepError};
pub use crate::error::{ExitCode, Panicked, Result, ServiceError};
pub use crate::event::{Event, EventKind, EventSubscription, Lagged};
pub use crate::lifecycle::{Deadlines, NodeLifecycle, RunContext, StartContext, StopContext};
pub use crate::peer::{DisconnectReason, InboundMessage, PeerApi, PeerId, PeerIdHex, PeerInfo};
pub use crate::phase::Phase;
#[cfg(feature = "http")]
pub use crate::rpc::http as rpc_http;
pub use crate::rpc::{RpcApi, RpcContext, Transport};
pub use crate::service::{Service, ServiceBuilder};
pub use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason, ShutdownToken};
pub use crate::tasks::{
    Criticality, Refused, TaskContext, TaskCounts, TaskEnd, TaskId, TaskKind, TaskOptions,
    TaskOutcome, TaskRegistry, TaskSummary,
};
