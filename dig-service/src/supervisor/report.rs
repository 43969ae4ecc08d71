//! What the end of a tree came to.

use std::sync::Arc;
use std::time::Duration;

/// How each child came down with its supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeReport {
    /// One entry per child that is no supervisor itself, in the order in which they came down.
    pub children: Vec<ChildStop>,
    /// How long it took from the request.
    pub took: Duration,
}

impl TreeReport {
    /// Returns whether no child had to be aborted, and none is stuck.
    #[must_use]
    pub fn is_graceful(&self) -> bool {
        self.children
            .iter()
            .all(|child| matches!(child.how, StopHow::Graceful | StopHow::AlreadyStopped))
    }
}

/// How one child came down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildStop {
    /// The child's path.
    pub path: Arc<str>,
    /// The generation it was in.
    pub generation: u64,
    /// How it came down.
    pub how: StopHow,
    /// How long that took from the request.
    pub took: Duration,
}

/// How a child came down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopHow {
    /// It returned.
    Graceful,
    /// It outlasted its time, was aborted, and its destructors have run.
    Aborted,
    /// It was aborted and does not end.
    Stuck,
    /// It was not running.
    AlreadyStopped,
}

impl StopHow {
    /// Returns the name, in snake case.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Graceful => "graceful",
            Self::Aborted => "aborted",
            Self::Stuck => "stuck",
            Self::AlreadyStopped => "already_stopped",
        }
    }
}
