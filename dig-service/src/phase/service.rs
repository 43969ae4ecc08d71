//! Where a service is in its life.

use std::fmt;

/// Where a service is in its life. Phases only move forward.
///
/// # Examples
///
/// ```
/// use dig_service::Phase;
///
/// assert!(Phase::Running < Phase::Draining);
/// assert_eq!(Phase::OnStop.to_string(), "on_stop");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Built, not started.
    New,
    /// `pre_start` runs.
    PreStart,
    /// Transports are bound and `on_start` runs.
    Start,
    /// `run` runs; the service is ready.
    Running,
    /// A stop was requested, or `run` returned; `run` is given its grace.
    Draining,
    /// Running calls and tracked tasks are waited for; laggards are aborted and joined.
    Joining,
    /// `on_stop` runs.
    OnStop,
    /// `post_stop` runs; then the transports close.
    PostStop,
    /// Everything is over.
    Stopped,
}

impl Phase {
    /// All of them, in order.
    #[cfg(feature = "metrics")]
    pub(crate) const ALL: [Self; 9] = [
        Self::New,
        Self::PreStart,
        Self::Start,
        Self::Running,
        Self::Draining,
        Self::Joining,
        Self::OnStop,
        Self::PostStop,
        Self::Stopped,
    ];

    /// Returns the name used in logs, events and reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::PreStart => "pre_start",
            Self::Start => "start",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Joining => "joining",
            Self::OnStop => "on_stop",
            Self::PostStop => "post_stop",
            Self::Stopped => "stopped",
        }
    }

    /// Returns whether the service is on its way down, or down.
    #[must_use]
    pub fn is_stopping(self) -> bool {
        self >= Self::Draining
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
