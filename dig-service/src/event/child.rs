//! What can happen to a supervised child.

use std::sync::Arc;
use std::time::Duration;

use crate::phase::ChildPhase;

/// Something that happened to a supervised child.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildEvent {
    /// The child's path: `/name`, or `/group/name`.
    pub path: Arc<str>,
    /// Which of the child's lives: an operator's restart, a resume and a restart of the group it is
    /// in begin a new one.
    pub generation: u64,
    /// Which start within the generation, from 1; 0 before the first.
    pub attempt: u64,
    /// The phase it is in since then.
    pub phase: ChildPhase,
    /// What happened.
    pub change: ChildChange,
}

/// What happened to a supervised child.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildChange {
    /// It was given to its supervisor.
    Added,
    /// It is to be started, when those it depends on are ready and it is its turn.
    Queued,
    /// It was started for the first time.
    Started,
    /// It was started again.
    Restarted,
    /// It is ready.
    Ready,
    /// It returned `Ok`.
    Completed,
    /// It returned an error.
    Failed {
        /// The error with its causes.
        error: Arc<str>,
    },
    /// It panicked.
    Panicked {
        /// The panic's message and place.
        message: Arc<str>,
    },
    /// It was not ready by its start deadline, and is stopped.
    StartTimedOut,
    /// It gave no sign of life for longer than its limit, and is stopped.
    Hung,
    /// It ended after it was told to, and is started again after a delay.
    BackingOff {
        /// The delay.
        delay: Duration,
    },
    /// It is told to stop.
    Stopping {
        /// What for.
        cause: StopCause,
    },
    /// It outlasted its stop budget and was aborted.
    Aborted,
    /// It was aborted and does not end: nothing can make it.
    Stuck,
    /// It was stopped, or was not running when its supervisor was.
    Stopped,
    /// It rests until an operator resumes it.
    Paused,
    /// It is out of service until an operator resumes it.
    Quarantined,
    /// It is to start again in a new generation.
    Resumed,
    /// It was started again too often, or failed and is not started again.
    GivenUp {
        /// Why.
        cause: Arc<str>,
    },
    /// It is not known to its supervisor any more.
    Removed,
    /// An exit or a sign of an earlier life came; it changed nothing.
    Stale,
}

impl ChildChange {
    /// Returns the change's name, in snake case.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Queued => "queued",
            Self::Started => "started",
            Self::Restarted => "restarted",
            Self::Ready => "ready",
            Self::Completed => "completed",
            Self::Failed { .. } => "failed",
            Self::Panicked { .. } => "panicked",
            Self::StartTimedOut => "start_timed_out",
            Self::Hung => "hung",
            Self::BackingOff { .. } => "backing_off",
            Self::Stopping { .. } => "stopping",
            Self::Aborted => "aborted",
            Self::Stuck => "stuck",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Quarantined => "quarantined",
            Self::Resumed => "resumed",
            Self::GivenUp { .. } => "given_up",
            Self::Removed => "removed",
            Self::Stale => "stale",
        }
    }
}

/// What a child is stopped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopCause {
    /// It was not ready in time, or gave no sign of life.
    Fault,
    /// An operator's command.
    Command,
    /// Another child of its supervisor is started again, and it with it.
    Group,
    /// Its supervisor has failed.
    Escalation,
    /// Its supervisor is stopped.
    Shutdown,
}

impl StopCause {
    /// Returns the cause's name, in snake case.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Command => "command",
            Self::Group => "group",
            Self::Escalation => "escalation",
            Self::Shutdown => "shutdown",
        }
    }
}

/// A command that somebody gave to a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildCommandEvent {
    /// The command's name: `restart`, `pause`, ..
    pub command: &'static str,
    /// The path of the child it is for.
    pub path: Arc<str>,
    /// Who gave it.
    pub requested_by: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Where the request really came from, as far as the system tells.
    pub origin: Option<Arc<str>>,
}
