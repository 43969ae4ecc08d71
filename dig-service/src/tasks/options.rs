//! What can be said of a task when it is spawned.

use std::panic::Location;
use std::sync::Arc;

use crate::tasks::{Criticality, TaskKind};

/// How a task is spawned; a bare [`TaskKind`] converts into it.
///
/// # Examples
///
/// ```
/// use dig_service::{TaskKind, TaskOptions};
///
/// let options = TaskOptions::new(TaskKind::BackgroundLoop).critical().label("voter 7");
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a task is spawned with them"]
pub struct TaskOptions {
    pub(crate) kind: TaskKind,
    pub(crate) criticality: Criticality,
    pub(crate) may_finish: bool,
    pub(crate) drain_work: bool,
    pub(crate) time_polls: bool,
    pub(crate) label: Option<Arc<str>>,
    /// Where it is shown to come from, in place of the caller.
    pub(crate) place: Option<&'static Location<'static>>,
}

impl TaskOptions {
    /// Makes options for a standard task of this kind.
    pub const fn new(kind: TaskKind) -> Self {
        Self {
            kind,
            criticality: Criticality::Standard,
            may_finish: false,
            drain_work: false,
            time_polls: false,
            label: None,
            place: None,
        }
    }

    /// Makes the end of the task stop the service with `Fatal`, unless a stop is under way.
    pub const fn critical(mut self) -> Self {
        self.criticality = Criticality::Critical;
        self
    }

    /// Makes a failure of the task mark the service as degraded.
    pub const fn best_effort(mut self) -> Self {
        self.criticality = Criticality::BestEffort;
        self
    }

    /// Lets a [critical](Self::critical) task return `Ok` without stopping the service.
    pub const fn may_finish(mut self) -> Self {
        self.may_finish = true;
        self
    }

    /// Lets the task be spawned while the service drains, when other spawns are refused.
    pub const fn drain_work(mut self) -> Self {
        self.drain_work = true;
        self
    }

    /// Counts and times the polls of the task, for finding one that keeps a worker of the runtime
    /// busy; see [`PollStats`](crate::PollStats).
    ///
    /// This costs two readings of the clock and two locks per poll, and an allocation per task: a
    /// task of one poll takes twice as long. A task that waits pays nothing.
    /// [`TaskRegistry::time_polls`](crate::TaskRegistry::time_polls) does it for all tasks.
    pub const fn time_polls(mut self) -> Self {
        self.time_polls = true;
        self
    }

    /// Shows the task as spawned from this place.
    pub(crate) const fn at_place(mut self, place: &'static Location<'static>) -> Self {
        self.place = Some(place);
        self
    }

    /// Gives the task a name made at run time, shown beside its static one.
    pub fn label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl From<TaskKind> for TaskOptions {
    fn from(kind: TaskKind) -> Self {
        Self::new(kind)
    }
}
