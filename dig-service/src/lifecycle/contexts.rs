//! What the hooks are given.

use crate::shutdown::{ExitReason, ShutdownToken};
use crate::tasks::TaskRegistry;

/// What `pre_start` and `on_start` are given.
#[derive(Debug)]
pub struct StartContext<'a> {
    /// The node's `NAME`, or `""`.
    pub name: &'static str,
    /// Fires when the service is asked to stop.
    pub shutdown: ShutdownToken,
    /// Where background work is spawned.
    pub tasks: &'a TaskRegistry,
}

/// What `run` is given.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// Fires when the service is asked to stop: return then.
    pub shutdown: ShutdownToken,
    /// Where background work is spawned.
    pub tasks: TaskRegistry,
}

/// What `on_stop`, `post_stop` and `cleanup` are given.
#[derive(Debug)]
pub struct StopContext<'a> {
    /// The service's token, which has fired, with its reason.
    pub shutdown: ShutdownToken,
    /// The registry; it takes nothing in any more.
    pub tasks: &'a TaskRegistry,
    /// Why the service ends.
    pub exit_reason: ExitReason,
}

impl StartContext<'_> {
    /// Tells of progress, which extends the start deadline while it would run out: to one step from now, and
    /// not beyond the cap of [`Deadlines::progress`](crate::Deadlines::progress). Without progress
    /// nothing is extended.
    pub fn progress(&self, what: impl Into<String>) {
        self.tasks.report_progress(what.into());
    }
}

impl RunContext {
    /// Tells of progress, which extends the grace of `run` while it would run out: to one step from now, and
    /// not beyond the cap of [`Deadlines::progress`](crate::Deadlines::progress). Without progress
    /// nothing is extended.
    pub fn progress(&self, what: impl Into<String>) {
        self.tasks.report_progress(what.into());
    }
}

impl StopContext<'_> {
    /// Tells of progress, which extends the hook's deadline while it would run out: to one step from now, and
    /// not beyond the cap of [`Deadlines::progress`](crate::Deadlines::progress). Without progress
    /// nothing is extended.
    pub fn progress(&self, what: impl Into<String>) {
        self.tasks.report_progress(what.into());
    }
}
