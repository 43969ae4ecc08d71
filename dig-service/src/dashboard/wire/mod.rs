//! What goes over the socket: envelope, state, records, commands. Plain values, for both ends.

mod command;
mod envelope;
mod error;
mod label;
mod nanos;
mod record;
mod registration;
mod state;

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
    AttemptStatus, ChildKind, ChildOperation, ChildRuntimeRecord, ConnectionState, Criticality,
    DashboardState, EdgeKind, FencePhase, Health, Liveness, ManagedState, PendingRestart,
    ProviderState, Readiness, RegistrationState, RestartLimit, RuntimeFailure, RuntimeState,
    ServiceSummary, StopState, TargetState, TaskCounters, TaskRow, Topology, TopologyEdge,
    TopologyNode,
};
