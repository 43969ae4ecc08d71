//! The commands that steer a service, whoever sends them.

use std::fmt;

use crate::control::StatusReport;
use crate::shutdown::ShutdownReason;

/// What can be asked of a service from outside.
///
/// Signals, [`ServiceHandle`](crate::ServiceHandle) methods and RPC methods all end up as one of
/// these, and take the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Stop; the first reason wins.
    Shutdown(ShutdownReason),
    /// Stop, and skip the graces: `run` and the tasks are aborted, stop hooks keep their budgets.
    Hurry(ShutdownReason),
    /// Reload, or stop to be spawned again if there is nothing to reload in place.
    Reload,
    /// Tell where the service stands.
    Report,
}

impl Command {
    /// Returns the name used in events and logs.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Shutdown(_) => "shutdown",
            Self::Hurry(_) => "hurry",
            Self::Reload => "reload",
            Self::Report => "report",
        }
    }

    /// The reason for the stop that the command asks for, or may lead to.
    pub(crate) fn reason(self) -> ShutdownReason {
        match self {
            Self::Shutdown(reason) | Self::Hurry(reason) => reason,
            Self::Reload | Self::Report => ShutdownReason::ReloadRequested,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What a command came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// The command was taken. What it asked for shows in the service's phase and events.
    Accepted,
    /// The service is over; nothing was done.
    Over,
    /// The service is stopping, so that nothing is reloaded any more; nothing was done.
    Stopping,
    /// The answer to [`Command::Report`].
    Report(StatusReport),
}
