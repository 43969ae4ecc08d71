//! How a task ended.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Panicked;
use crate::tasks::TaskId;

/// How a task ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TaskEnd {
    /// It returned `Ok`.
    Completed,
    /// It returned this error.
    Failed(Arc<anyhow::Error>),
    /// It panicked, in its body or in a destructor.
    Panicked(Panicked),
    /// It was aborted before it could end by itself.
    Aborted,
}

impl TaskEnd {
    /// Returns the name used in logs and reports.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panicked",
            Self::Aborted => "aborted",
        }
    }

    /// Returns whether the task returned an error or panicked.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Panicked(_))
    }
}

/// A task that is over, kept for a while in a ring of fixed size.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskOutcome {
    /// The task's identity.
    pub id: TaskId,
    /// The name given at the spawn.
    pub name: &'static str,
    /// How it ended.
    pub end: TaskEnd,
    /// How long it lived, to a tick of the system's coarse clock (1 to 10 ms).
    pub lived: Duration,
}
