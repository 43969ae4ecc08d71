//! How a task ended.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Panicked;
use crate::tasks::{TaskCounts, TaskId};

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

    pub(crate) const fn count(&self, counts: &mut TaskCounts) {
        counts.live -= 1;
        match self {
            Self::Completed => counts.completed += 1,
            Self::Failed(_) => counts.failed += 1,
            Self::Panicked(_) => counts.panicked += 1,
            Self::Aborted => counts.aborted += 1,
        }
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
    /// How long it lived.
    pub lived: Duration,
}
