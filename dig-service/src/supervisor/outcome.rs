//! What a command came to.

use std::sync::Arc;

use crate::phase::ChildPhase;
use crate::supervisor::{ChildStatus, InvalidTree};

/// What a command came to, as far as that is known without waiting for the child.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The child's path.
    pub path: Arc<str>,
    /// How the child stood before.
    pub before: Standing,
    /// How it stands now. A child that was removed stands as it did.
    pub after: Standing,
    /// What was decided.
    pub decision: Decision,
}

/// How a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Its phase.
    pub phase: ChildPhase,
    /// Which of its lives.
    pub generation: u64,
    /// Which start within it.
    pub attempt: u64,
}

impl Standing {
    pub(super) const fn of(status: &ChildStatus) -> Self {
        Self {
            phase: status.phase,
            generation: status.generation,
            attempt: status.attempt,
        }
    }

    /// What adding a child that stands like this came to.
    pub(super) const fn since_added(&self) -> Decision {
        match self.phase {
            ChildPhase::Pending => Decision::Queued,
            _ => Decision::Started,
        }
    }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// The child was started.
    Started,
    /// The child starts once its present attempt has ended, and those it depends on are ready.
    Queued,
    /// What was asked for is under way already; nothing was added.
    AlreadyPending,
    /// It is as was asked for already.
    Unchanged,
    /// The child was told to end; what was asked for follows.
    Stopping,
    /// It is done.
    Done,
}

impl Decision {
    /// Returns the name, in snake case.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Queued => "queued",
            Self::AlreadyPending => "already_pending",
            Self::Unchanged => "unchanged",
            Self::Stopping => "stopping",
            Self::Done => "done",
        }
    }

    /// Returns whether the command changed nothing.
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::AlreadyPending | Self::Unchanged)
    }
}

/// A command that was refused; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no such child.
    #[error("there is no child `{0}`")]
    UnknownChild(String),
    /// Several children have the name.
    #[error("several children are called `{name}`; use a path: {}", paths.join(", "))]
    Ambiguous {
        /// The name that was given.
        name: String,
        /// The paths of those that have it.
        paths: Vec<String>,
    },
    /// The supervisor, or the group that the child is in, is on its way down, or over.
    #[error("the supervisor is stopping: commands are not taken any more")]
    Stopping,
    /// The child is being removed.
    #[error("child `{0}` is being removed; its name is free once it has ended")]
    Removing(String),
    /// Others depend on the child.
    #[error("child `{child}` is needed by {dependents}; remove them first")]
    Needed {
        /// The child's path.
        child: String,
        /// Who depends on it.
        dependents: String,
    },
    /// A child below the one to be removed does not end, so that its name is not free.
    #[error("child `{0}` is stuck: it was aborted and does not end, so it cannot be removed")]
    Stuck(String),
    /// The command is for children, and this is the root.
    #[error("`/` is the supervisor itself; use `shutdown_tree` to stop it")]
    Root,
    /// Only supervisors have children.
    #[error("child `{0}` is no supervisor, so nothing can be added to it")]
    NotASupervisor(String),
    /// No factory has the key.
    #[error("there is no factory `{key}`; known are: {known}")]
    UnknownFactory {
        /// The key that was given.
        key: String,
        /// Those that are known.
        known: String,
    },
    /// The child cannot be taken in.
    #[error(transparent)]
    Invalid(#[from] InvalidTree),
}
