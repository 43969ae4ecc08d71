//! What most programs import: `use dig_service::prelude::*;`.
//!
//! The role attributes (`#[rpc]`, `#[on_start]`, ..) need no import: the macros know them.

pub use crate::control::ServiceHandle;
pub use crate::entry::MainOutput;
pub use crate::error::ServiceError;
pub use crate::lifecycle::{Deadlines, NodeLifecycle, RunContext, StartContext, StopContext};
pub use crate::peer::{DisconnectReason, InboundMessage, PeerApi, PeerId, PeerInfo};
pub use crate::phase::Phase;
pub use crate::rpc::{RpcApi, RpcContext};
pub use crate::service::{Service, ServiceBuilder};
pub use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason, ShutdownToken};
pub use crate::tasks::{TaskContext, TaskKind, TaskOptions, TaskRegistry};
