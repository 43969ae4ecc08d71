//! What goes over the socket: envelope, state, records, commands. Plain values, for both ends.

mod command;
mod envelope;
mod error;
mod label;
mod nanos;
mod record;
mod registration;
mod state;
mod words;

pub use self::command::{
    ChildOutcome, CommandStatus, CommandTarget, ControlCommandKind, ControlCommandRequest,
    ControlCommandResult, FenceDecision, OutcomeSide, StateDelta,
};
pub use self::envelope::{IpcMethod, IpcRequest, IpcResponse, IpcResult, SubscriptionKind};
pub use self::error::{DashboardError, DashboardErrorCode, DashboardStage};
pub use self::nanos::UnixNanos;
pub use self::record::{EventRecord, LogRecord, Severity};
pub use self::registration::{RegistrationReply, SupportedCommand, TargetProcessRegistration};
pub use self::state::{
    ChildRuntimeRecord, DashboardState, Liveness, PendingRestart, ProviderState, RestartLimit,
    RuntimeFailure, RuntimeState, ServiceSummary, TargetState, TaskCounters, TaskRow, Topology,
    TopologyEdge, TopologyNode,
};
pub use self::words::{
    AttemptStatus, ChildKind, ChildOperation, ConnectionState, Criticality, EdgeKind, FencePhase,
    Health, ManagedState, Readiness, RegistrationState, StopState,
};
