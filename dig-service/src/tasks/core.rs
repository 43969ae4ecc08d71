//! What all clones and scopes of one registry share.

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::task::AbortHandle;
use tokio::time::Instant;
use tracing::Span;

use crate::error::{guard, shown};
use crate::event::{EventKind, Journal};
use crate::phase::Phase;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::sync::Lock;
use crate::tasks::protect::Protection;
use crate::tasks::scope::Scope;
use crate::tasks::table::{Abort, Force, Record, SlotKey, Table};
use crate::tasks::{
    Criticality, Gate, Heartbeats, Progress, Refused, TaskCounts, TaskEnd, TaskId, TaskOptions,
    TaskOutcome,
};

/// How many ended tasks are remembered.
const REMEMBERED: usize = 128;

#[derive(Debug)]
pub(super) struct Core {
    /// The service's token: a critical task's end fires it.
    pub(super) token: ShutdownToken,
    /// A stand-alone registry has none.
    journal: Option<Journal>,
    pub(super) span: OnceLock<Span>,
    pub(super) progress: Progress,
    pub(super) heartbeats: Arc<Heartbeats>,
    degraded: AtomicBool,
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    table: Table,
    counts: TaskCounts,
    recent: VecDeque<TaskOutcome>,
}

/// What a spawn asks for.
pub(super) struct Admission<'a> {
    pub(super) name: &'static str,
    pub(super) options: TaskOptions,
    pub(super) scope: &'a Arc<Scope>,
    pub(super) spawned_from: &'static Location<'static>,
    pub(super) is_blocking: bool,
    pub(super) protection: Option<Arc<Protection>>,
}

impl Core {
    pub(super) fn new(token: ShutdownToken, journal: Option<Journal>) -> Self {
        Self {
            token,
            journal,
            span: OnceLock::new(),
            progress: Progress::default(),
            heartbeats: Arc::default(),
            degraded: AtomicBool::new(false),
            state: Lock::default(),
        }
    }

    /// Takes a hook's word of its progress.
    pub(super) fn report_progress(&self, what: String) {
        let extended = self.progress.report(what.clone());
        tracing::debug!(what, ?extended, "progress");
        if let Some(journal) = &self.journal {
            journal.record(EventKind::Progress { what, extended });
        }
    }

    /// A service's registry writes into its journal; a stand-alone one has none.
    pub(super) const fn is_of_service(&self) -> bool {
        self.journal.is_some()
    }

    pub(super) fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    pub(super) fn counts(&self) -> TaskCounts {
        self.state.lock().counts
    }

    pub(super) fn recent(&self) -> Vec<TaskOutcome> {
        self.state.lock().recent.iter().cloned().collect()
    }

    /// Takes a task in, or says which phase refuses it.
    pub(super) fn admit(&self, admission: Admission<'_>) -> Result<SlotKey, Refused> {
        let spawned_at = Instant::now();
        let mut state = self.state.lock();
        if let Some(phase) = self.refusal(&admission) {
            state.counts.refused += 1;
            return Err(Refused {
                name: admission.name,
                phase,
            });
        }
        state.counts.spawned += 1;
        state.counts.live += 1;
        admission.scope.enter();
        Ok(state.table.insert(|id| Record {
            id,
            name: admission.name,
            options: admission.options,
            scope: Arc::clone(admission.scope),
            spawned_at,
            spawned_from: admission.spawned_from,
            is_blocking: admission.is_blocking,
            abort: Abort::Idle(None),
            protection: admission.protection,
        }))
    }

    /// The phase that refuses a task, if one does.
    fn refusal(&self, admission: &Admission<'_>) -> Option<Phase> {
        let is_drain_work = admission.options.drain_work;
        admission.scope.refusal(is_drain_work).or_else(|| {
            // I19: who sees the token fired is refused, even before the driver has seen it.
            let is_users = self.is_of_service() && !admission.scope.is_framework();
            let is_late = is_users && !is_drain_work && self.token.is_cancelled();
            is_late.then_some(Phase::Draining)
        })
    }

    /// Stores the handle that can abort the task, unless the task is over already.
    pub(super) fn arm(&self, key: SlotKey, handle: AbortHandle) {
        let mut state = self.state.lock();
        let Some(record) = state.table.get_mut(key) else {
            return;
        };
        let refused = record.abort.arm(handle);
        drop(state);
        if let Some(handle) = refused {
            handle.abort();
        }
    }

    /// Lets a task go: the one way out of the table.
    ///
    /// What its end means is told first, so that whoever sees the registry empty knows it.
    pub(super) fn release(&self, key: SlotKey, end: TaskEnd) {
        let mut state = self.state.lock();
        let Some(record) = state.table.get_mut(key) else {
            return;
        };
        let departed = Departed::of(record);
        if !matches!(end, TaskEnd::Completed) || departed.criticality != Criticality::Standard {
            drop(state);
            // Guarded: a tracing layer that panics must not keep the task in the table.
            let _ = guard(|| self.report(&departed, &end));
            if departed.was_wanted {
                self.follow(&departed, &end);
            }
            state = self.state.lock();
        }
        let removed = state.remove(key, end);
        drop(state);
        // Outside the lock, as all of it is user code: the wakers of those who wait, the destructor
        // of an error that is forgotten, the task's memory behind its abort handle.
        if let Some((record, forgotten, is_idle)) = removed {
            if is_idle {
                record.scope.wake_the_idle();
            }
            drop((record, forgotten));
        }
    }

    /// Narrows what the scope takes in.
    pub(super) fn narrow(&self, scope: &Scope, gate: Gate) {
        let _state = self.state.lock();
        scope.narrow(gate);
    }

    /// The live tasks in `scope` and below.
    pub(super) fn records<T>(&self, within: &Arc<Scope>, map: impl Fn(&Record) -> T) -> Vec<T> {
        let state = self.state.lock();
        let inside = state.table.iter().filter(|r| r.scope.is_within(within));
        inside.map(map).collect()
    }

    /// All live tasks, the framework's own included.
    pub(super) fn all_records<T>(&self, map: impl Fn(&Record) -> T) -> Vec<T> {
        self.state.lock().table.iter().map(map).collect()
    }

    /// Aborts every task that is in `scope` or below now.
    pub(super) fn abort(&self, scope: &Arc<Scope>, force: Force) {
        let handles: Vec<_> = {
            let mut state = self.state.lock();
            let inside = state.table.iter_mut().filter(|r| r.scope.is_within(scope));
            inside.filter_map(|record| record.abort(force)).collect()
        };
        // Outside the lock: aborting an idle task drops its future right here.
        for handle in handles {
            handle.abort();
        }
    }

    /// Does what was put off until the end of a protected section.
    pub(super) fn end_protection(&self, key: SlotKey) {
        let mut state = self.state.lock();
        let record = state.table.get_mut(key);
        let deferred = record.filter(|record| matches!(record.abort, Abort::Deferred(_)));
        let handle = deferred.and_then(|record| record.abort(Force::Gentle));
        drop(state);
        if let Some(handle) = handle {
            handle.abort();
        }
    }

    fn report(&self, departed: &Departed, end: &TaskEnd) {
        let elapsed = departed.spawned_at.elapsed();
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
    fn follow(&self, departed: &Departed, end: &TaskEnd) {
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
                    self.degraded.store(true, Ordering::Relaxed);
                }
            }
            Criticality::Standard => {}
        }
    }
}

/// What is told of a task that ends, read before it leaves the table.
struct Departed {
    id: TaskId,
    name: &'static str,
    criticality: Criticality,
    may_finish: bool,
    spawned_at: Instant,
    /// Neither the scope's gate nor its token had told the task to end.
    was_wanted: bool,
}

impl Departed {
    fn of(record: &Record) -> Self {
        Self {
            id: record.id,
            name: record.name,
            criticality: record.options.criticality,
            may_finish: record.options.may_finish,
            spawned_at: record.spawned_at,
            was_wanted: record.scope.is_open() && !record.scope.token.is_cancelled(),
        }
    }
}

impl State {
    /// Gives what is to be dropped outside the lock, and whether a scope has run out of tasks.
    fn remove(
        &mut self,
        key: SlotKey,
        end: TaskEnd,
    ) -> Option<(Record, Option<TaskOutcome>, bool)> {
        let record = self.table.remove(key)?;
        end.count(&mut self.counts);
        let is_idle = record.scope.leave();
        if record.scope.is_framework() && matches!(end, TaskEnd::Completed) {
            // Connections come and go; they must not push out what users want to know.
            return Some((record, None, is_idle));
        }
        let is_full = self.recent.len() == REMEMBERED;
        let forgotten = is_full.then(|| self.recent.pop_front()).flatten();
        self.recent.push_back(TaskOutcome {
            id: record.id,
            name: record.name,
            end,
            lived: record.spawned_at.elapsed(),
        });
        Some((record, forgotten, is_idle))
    }
}
