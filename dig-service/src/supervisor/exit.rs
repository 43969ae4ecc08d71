//! How one attempt of a child ended.

use std::fmt;
use std::sync::Arc;

/// How one attempt of a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildExit {
    /// It returned `Ok`, unasked.
    Completed,
    /// It returned an error; this is its text, with the causes.
    Failed(Arc<str>),
    /// It panicked; this is the message, with the place if that is known.
    Panicked(Arc<str>),
    /// It was told to stop, and returned `Ok` or was aborted; or its task was aborted by others.
    Cancelled,
    /// It was not ready by its start deadline, and was stopped.
    TimedOut,
    /// It gave no sign of life for longer than its limit, and was stopped.
    Hung,
}

impl ChildExit {
    /// Returns the exit's name, in snake case.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panicked",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Hung => "hung",
        }
    }

    /// Returns whether the child did not do what it should.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        !matches!(self, Self::Completed | Self::Cancelled)
    }
}

impl fmt::Display for ChildExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Panicked(message) => f.write_str(message),
            Self::Cancelled => f.write_str("cancelled"),
            Self::TimedOut => f.write_str("was not ready in time"),
            Self::Hung => f.write_str("hung"),
        }
    }
}
