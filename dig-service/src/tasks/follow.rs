//! What is told of a task's end, and what the service does about it.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use crate::clock::Coarse;
use crate::error::shown;
use crate::event::EventKind;
use crate::shutdown::ShutdownReason;
use crate::sync::atomic::Ordering;
use crate::tasks::core::Core;
use crate::tasks::record::Record;
use crate::tasks::{Criticality, TaskEnd, TaskId};

/// What is told of a task that ends, read before it leaves the table.
pub(super) struct Departed {
    id: TaskId,
    name: &'static str,
    pub(super) criticality: Criticality,
    may_finish: bool,
    lived: Duration,
    /// Neither the scope's gate nor its token had told the task to end.
    pub(super) was_wanted: bool,
}

impl Departed {
    pub(super) fn of(record: &Record, core: &Core) -> Self {
        let scope = record.scope.as_ref().unwrap_or(&core.root);
        Self {
            id: record.id,
            name: record.name,
            criticality: record.criticality,
            may_finish: record.may_finish,
            lived: Coarse::now().since(record.spawned_at),
            was_wanted: scope.is_open() && !scope.token.is_cancelled(),
        }
    }
}

impl Core {
    /// Takes a hook's word of its progress.
    pub(super) fn report_progress(&self, what: String) {
        let extended = self.progress.report(what.clone());
        tracing::debug!(what, ?extended, "progress");
        if let Some(journal) = &self.journal {
            journal.record(EventKind::Progress { what, extended });
        }
    }

    pub(super) fn report(&self, departed: &Departed, end: &TaskEnd) {
        let elapsed = departed.lived;
        let task = departed.name;
        let _entered = self.span.get().map(Span::enter);
        match end {
            TaskEnd::Completed => return,
            TaskEnd::Aborted => tracing::debug!(task, ?elapsed, "task aborted"),
            TaskEnd::Failed(error) => {
                tracing::error!(task, error = shown(error), ?elapsed, "task failed");
            }
            TaskEnd::Panicked(panic) => {
                tracing::error!(task, panic = panic.message(), ?elapsed, "task panicked");
            }
        }
        if let Some(journal) = &self.journal {
            journal.record(EventKind::TaskEnded {
                name: task,
                id: departed.id.as_u64(),
                end: end.label(),
            });
        }
    }

    /// What the end of a task means while no stop is under way.
    pub(super) fn follow(&self, departed: &Departed, end: &TaskEnd) {
        match departed.criticality {
            Criticality::Critical => {
                if departed.may_finish && matches!(end, TaskEnd::Completed) {
                    return;
                }
                let text = match end {
                    TaskEnd::Failed(error) => shown(error),
                    TaskEnd::Panicked(panic) => panic.to_string(),
                    TaskEnd::Completed | TaskEnd::Aborted => end.label().to_owned(),
                };
                let what = format!("critical task `{}`: {text}", departed.name);
                self.token.cancel(ShutdownReason::Fatal(what));
            }
            Criticality::BestEffort => {
                if end.is_failure() {
                    self.is_degraded.store(true, Ordering::Relaxed);
                }
            }
            Criticality::Standard => {}
        }
    }
}

impl From<anyhow::Result<()>> for TaskEnd {
    fn from(result: anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Completed,
            Err(error) => Self::Failed(Arc::new(error)),
        }
    }
}
