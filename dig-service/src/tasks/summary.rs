//! What a listing shows of a task.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::tasks::{Criticality, PollStats, TaskKind};

/// The identity of a task within its registry; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub(crate) u64);

impl TaskId {
    /// Returns the number behind the id.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One live task, as it was when the listing was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskSummary {
    /// The name given at the spawn.
    pub name: &'static str,
    /// When the task was spawned, to a tick of the system's coarse clock (1 to 10 ms).
    #[expect(
        clippy::disallowed_types,
        reason = "the contract's type, made by `into_std`"
    )]
    pub spawned_at: std::time::Instant,
    /// What the task is for.
    pub kind: TaskKind,
    /// The task's identity.
    pub id: TaskId,
    /// The name made at run time, if one was given.
    pub label: Option<Arc<str>>,
    /// What the task's end means for the service.
    pub criticality: Criticality,
    /// The scope the task was spawned in; `""` is the registry itself.
    pub scope: &'static str,
    /// Where in the source the task was spawned.
    pub spawned_from: &'static Location<'static>,
    /// Whether the task runs on the blocking pool, where an abort cannot reach it once it runs.
    pub is_blocking: bool,
    /// How it was polled; only of tasks whose polls are
    /// [timed](crate::TaskOptions::time_polls).
    pub polls: Option<PollStats>,
}

/// How many tasks a registry has seen, and how they ended.
///
/// At any moment `spawned == live + completed + failed + panicked + aborted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskCounts {
    /// Tasks taken in.
    pub spawned: u64,
    /// Tasks that are running now.
    pub live: u64,
    /// Tasks that returned `Ok`.
    pub completed: u64,
    /// Tasks that returned `Err`.
    pub failed: u64,
    /// Tasks that panicked, in their body or in a destructor.
    pub panicked: u64,
    /// Tasks that were aborted, or dropped with their runtime.
    pub aborted: u64,
    /// Spawns that came too late; not among `spawned`.
    pub refused: u64,
}
