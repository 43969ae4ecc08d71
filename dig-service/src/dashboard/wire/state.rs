//! The state of a process.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AttemptStatus, ChildKind, ChildOperation, ConnectionState, Criticality, EdgeKind, EventRecord,
    FencePhase, Health, LogRecord, ManagedState, Readiness, RegistrationState, StopState,
    UnixNanos,
};

/// The state of a process at one event: it and the events after
/// [`state_generation`](Self::state_generation) show every change exactly once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DashboardState {
    /// The process, as the relay sees it.
    pub target: TargetState,
    /// Who is there, and how they belong together.
    pub topology: Topology,
    /// How each child stands.
    pub runtime_state: Vec<RuntimeState>,
    /// How each child's attempts stand.
    pub child_runtime_records: Vec<ChildRuntimeRecord>,
    /// The latest events, the oldest first.
    pub recent_events: Vec<EventRecord>,
    /// The latest lines of the log, the oldest first.
    pub recent_logs: Vec<LogRecord>,
    /// How many events slow subscribers have lost.
    pub dropped_event_count: u64,
    /// How many lines of the log slow subscribers have lost.
    pub dropped_log_count: u64,
    /// How many reloads have succeeded.
    pub config_version: String,
    /// When this was made.
    pub generated_at_unix_nanos: UnixNanos,
    /// The sequence of the latest event in it.
    pub state_generation: u64,
    /// The service as a whole.
    pub service: ServiceSummary,
    /// The providers, by name.
    pub providers: Vec<ProviderState>,
    /// The tasks, counted.
    pub tasks: TaskCounters,
}

/// The process, as the relay sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetState {
    /// The process.
    pub target_id: Arc<str>,
    /// Its name for people.
    pub display_name: String,
    /// How the relay took it.
    pub registration_state: RegistrationState,
    /// How the relay can be reached.
    pub connection_state: ConnectionState,
}

/// Who is there, and how they belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Topology {
    /// The path of the root.
    pub root: Arc<str>,
    /// All nodes, the root first.
    pub nodes: Vec<TopologyNode>,
    /// All edges.
    pub edges: Vec<TopologyEdge>,
    /// The paths of the children, in the order of their declaration.
    pub declaration_order: Vec<Arc<str>>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TopologyNode {
    /// Its id, which is its path.
    pub node_id: Arc<str>,
    /// The name of the child; `null` for the root.
    pub child_id: Option<Arc<str>>,
    /// Its path.
    pub path: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ChildKind,
    /// The words it was declared with.
    pub tags: Arc<[Arc<str>]>,
    /// What its end means.
    pub criticality: Criticality,
    /// Its phase.
    pub state_summary: String,
    /// What is wrong with it, in words.
    pub diagnostics: Vec<String>,
}

/// One edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TopologyEdge {
    /// `parent:<a>-><b>` or `dependency:<a>-><b>`.
    pub edge_id: String,
    /// Where it begins: the supervisor, or the child that needs the other.
    pub source_path: Arc<str>,
    /// Where it ends.
    pub target_path: Arc<str>,
    /// What it means.
    pub kind: EdgeKind,
    /// Its place among those that begin at the same node.
    pub order: u64,
}

/// How one child stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuntimeState {
    /// Its path.
    pub child_path: Arc<str>,
    /// Its phase.
    pub lifecycle_state: String,
    /// How well it is.
    pub health: Health,
    /// Whether it is ready.
    pub readiness: Readiness,
    /// Which of its lives.
    pub generation: u64,
    /// How often it was started.
    pub child_start_count: u64,
    /// How often it was started again.
    pub restart_count: u64,
    /// Why its latest attempt failed, if it did.
    pub last_failure: Option<String>,
    /// What its rules decided last.
    pub last_policy_decision: Option<String>,
    /// How its stop goes.
    pub shutdown_state: StopState,
}

/// How a child's attempts stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChildRuntimeRecord {
    /// The child's name.
    pub child_id: Arc<str>,
    /// Its path.
    pub child_path: Arc<str>,
    /// Which of its lives.
    pub generation: u64,
    /// Which start within it.
    pub attempt: u64,
    /// How the attempt stands; `null` without one.
    pub status: Option<AttemptStatus>,
    /// What the operator wants.
    pub operation: ChildOperation,
    /// What is made of it.
    pub managed_child_state: ManagedState,
    /// Its signs of life.
    pub liveness: Liveness,
    /// How often it may be started again.
    pub restart_limit: Option<RestartLimit>,
    /// How its stop goes.
    pub stop_state: StopState,
    /// What went wrong last.
    pub failure: Option<RuntimeFailure>,
    /// What a new attempt would wait for.
    pub generation_fence_phase: FencePhase,
    /// The start that is to come.
    pub pending_restart: Option<PendingRestart>,
}

/// A child's signs of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Liveness {
    /// The latest.
    pub last_heartbeat_at_unix_nanos: Option<UnixNanos>,
    /// It is overdue.
    pub heartbeat_stale: bool,
    /// Whether it is ready.
    pub readiness: Readiness,
}

/// How often a child may be started again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RestartLimit {
    /// Within which time, in milliseconds.
    pub window_millis: u64,
    /// How often.
    pub limit: u32,
    /// How often it was.
    pub used: u32,
    /// How often it still may.
    pub remaining: u32,
    /// One more is too many.
    pub exhausted: bool,
    /// When this was counted.
    pub updated_at_unix_nanos: UnixNanos,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuntimeFailure {
    /// How the attempt ended: `failed`, `panicked`, `timed_out`, `hung`.
    pub phase: String,
    /// Why.
    pub reason: String,
    /// The child is started again, or is to be.
    pub recoverable: bool,
}

/// A start that is to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PendingRestart {
    /// The generation of the attempt before.
    pub old_generation: u64,
    /// The attempt before.
    pub old_attempt: u64,
    /// The generation of the attempt to come.
    pub target_generation: u64,
}

/// The service as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceSummary {
    /// Its name.
    pub name: String,
    /// Its phase.
    pub phase: String,
    /// Why it stops, or has stopped; `null` while it does not.
    pub exit_reason: Option<String>,
    /// For how long it has been up, in milliseconds.
    pub uptime_millis: u64,
    /// The process.
    pub pid: u32,
    /// The version of this framework.
    pub version: String,
}

/// How a provider stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderState {
    /// Its name.
    pub name: String,
    /// `booting`, `ready`, `boot_failed`, `closing`, `closed`, `close_failed`.
    pub state: String,
    /// What went wrong.
    pub error: Option<String>,
    /// What the last reload did to it: `applied`, `untouched`, `failed`, `reverted`, `kept`.
    pub last_reload: Option<String>,
}

/// The tasks, counted; see [`TaskCounts`](crate::TaskCounts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskCounters {
    /// Tasks that are running now.
    pub live: u64,
    /// Tasks taken in.
    pub spawned: u64,
    /// Tasks that returned `Ok`.
    pub completed: u64,
    /// Tasks that returned `Err`.
    pub failed: u64,
    /// Tasks that panicked.
    pub panicked: u64,
    /// Tasks that were aborted.
    pub aborted: u64,
}

/// One live task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskRow {
    /// Its number; not used again.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The name made at run time.
    pub label: Option<String>,
    /// What it is for.
    pub kind: String,
    /// What its end means.
    pub criticality: String,
    /// The scope it is in; empty for the service's own.
    pub scope: String,
    /// How old it is, in milliseconds.
    pub age_millis: u64,
    /// It runs on a blocking thread, where an abort cannot reach it.
    pub is_blocking: bool,
    /// Where in the source it was spawned.
    pub spawned_from: String,
}
