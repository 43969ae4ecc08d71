//! What a supervisor is told of a child, beside its work.

use std::fmt;
use std::time::Duration;

use crate::decl::{Backoff, Intensity, RestartPolicy};

/// What follows when a child has been started again too often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnGiveUp {
    /// Its supervisor stops the other children and fails upward. The root of a service stops it
    /// with `Fatal`.
    #[default]
    Escalate,
    /// The child rests until an operator resumes it.
    Quarantine,
    /// The child rests as failed, and nothing else happens.
    Ignore,
}

impl OnGiveUp {
    /// Returns the name: `escalate`, `quarantine` or `ignore`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Quarantine => "quarantine",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for OnGiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// Which children are started again when one is.
///
/// The others are stopped first, in reverse order and each within its budget, and then all are
/// started in the order of their declaration. Those that are paused or quarantined stay so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strategy {
    /// That child.
    #[default]
    OneForOne,
    /// All children of the supervisor.
    OneForAll,
    /// That child, and those declared after it.
    RestForOne,
}

impl Strategy {
    /// Returns the name: `one_for_one`, `one_for_all` or `rest_for_one`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneForOne => "one_for_one",
            Self::OneForAll => "one_for_all",
            Self::RestForOne => "rest_for_one",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// When a child counts as ready, so that those which depend on it may start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// As soon as it is started.
    #[default]
    Immediate,
    /// When it says so, with [`ChildContext::ready`](crate::supervisor::ChildContext::ready). One
    /// that has not by the deadline, counted from its start, counts as failed: it is stopped, and
    /// restarted as its policy says.
    Explicit {
        /// How long it may take.
        deadline: Duration,
    },
}

/// The rules that one child goes by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rules {
    pub(crate) policy: RestartPolicy,
    pub(crate) backoff: Backoff,
    pub(crate) intensity: Intensity,
    /// How long the child may take to stop before it is aborted; a group has none of its own
    /// unless it is given one.
    pub(crate) stop_budget: Option<Duration>,
    pub(crate) readiness: Readiness,
    /// How long it may be without a sign of life.
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) on_give_up: OnGiveUp,
    /// A failure after which the policy does not start the child again counts as giving up.
    pub(crate) is_essential: bool,
}

impl Rules {
    /// How long a child may take to stop unless it is told otherwise.
    pub(crate) const STOP_BUDGET: Duration = Duration::from_secs(5);
}
