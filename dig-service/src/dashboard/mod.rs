//! The control plane of a running service, over a local socket: feature `dashboard`, Unix only.
//!
//! | item | what it is |
//! |---|---|
//! | [`ServiceBuilder::dashboard`](crate::ServiceBuilder::dashboard) | gives a service its socket |
//! | [`DashboardIpcConfig`] | where it is, who may connect, how much they may ask |
//! | [`LogTap`] | a `tracing` layer that shows the log there |
//! | [`DashboardClient`] | asks and steers, from another process |
//! | [`DashboardIpcService`] | the protocol without a socket |
//!
//! The protocol, `dashboard-ipc.v1`, is one JSON object per line; `docs/dashboard.md` has it all,
//! with the table of events. `digctl` (feature `cli`) is the command line for it.
//!
//! # Who owns what
//!
//! One task accepts, one serves each connection, one carries out each command. All of them belong to
//! the service's transports: they end after `post_stop`, and are joined. A command goes on when its
//! connection is gone, and its result is remembered for a minute.
//!
//! # Invariants
//!
//! - **I52** The socket never exists with more rights than it is to have; nothing is replaced but a
//!   socket of one's own that nobody serves; the peer's user is the kernel's word; no client delays
//!   the service, its stop, or another client.
//! - **INV-D1** State and the events after its `state_generation` show every change exactly once.
//! - **INV-D2** A command is in the audit before it is carried out, and is carried out once.
//! - **INV-D3** A connection holds a line and a chunk of what it reads, and one line of what it
//!   writes.

mod audit;
mod bind;
mod builder;
mod client;
mod commands;
mod config;
mod connection;
mod execute;
mod frame;
#[doc(hidden)]
pub mod fuzz;
mod logs;
mod peer;
mod rate;
mod relay;
mod replay;
mod server;
mod service;
mod validate;
mod view;
mod wire;

pub use self::bind::{DashboardListener, bind_dashboard_listener};
pub use self::client::{ClientError, DashboardClient, Pushed, Subscription};
pub use self::config::{AuditFailure, BindMode, DashboardIpcConfig, ValidatedDashboardIpcConfig};
pub use self::logs::{LogLayer, LogTap};
pub use self::server::Dashboard;
pub use self::service::{DASHBOARD_IPC_PROTOCOL_VERSION, DashboardIpcService};
pub use self::validate::validate_command;
pub use self::view::DashboardView;
pub use self::wire::{
    AttemptStatus, ChildKind, ChildOperation, ChildOutcome, ChildRuntimeRecord, CommandStatus,
    CommandTarget, ConnectionState, ControlCommandKind, ControlCommandRequest,
    ControlCommandResult, Criticality, DashboardError, DashboardErrorCode, DashboardStage,
    DashboardState, EdgeKind, EventRecord, FenceDecision, FencePhase, Health, IpcMethod,
    IpcRequest, IpcResponse, IpcResult, Liveness, LogRecord, ManagedState, OutcomeSide,
    PendingRestart, ProviderState, Readiness, RegistrationReply, RegistrationState, RestartLimit,
    RuntimeFailure, RuntimeState, ServiceSummary, Severity, StateDelta, StopState,
    SubscriptionKind, SupportedCommand, TargetProcessRegistration, TargetState, TaskCounters,
    TaskRow, Topology, TopologyEdge, TopologyNode, UnixNanos,
};
