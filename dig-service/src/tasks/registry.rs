//! The registry that user code spawns through.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use crate::event::Journal;
use crate::shutdown::ShutdownToken;
use crate::sync::atomic::Ordering;
use crate::tasks::core::Core;
use crate::tasks::record::Force;
use crate::tasks::scope::{Gate, Scope};
use crate::tasks::{Heartbeat, Heartbeats, Judged, Progress, TaskCounts, TaskOutcome, TaskSummary};

/// Spawns tasks, lists them while they live, and joins them.
///
/// Clones share one table. A [`scope`](Self::scope) is a registry, too: a named part of its parent
/// that can be stopped and joined alone.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use dig_service::{ShutdownToken, TaskKind, TaskRegistry};
///
/// let tasks = TaskRegistry::new(ShutdownToken::new());
/// tasks.spawn("hello", TaskKind::Maintenance, async { Ok(()) });
/// assert_eq!(tasks.snapshot()[0].name, "hello");
///
/// tasks.join_all(Duration::from_secs(1)).await.unwrap();
/// assert!(tasks.is_empty());
/// # }
/// ```
#[derive(Clone)]
pub struct TaskRegistry {
    pub(super) core: Arc<Handle>,
    pub(super) scope: Arc<Scope>,
}

/// Held by all clones and scopes of a registry; the tasks do not hold it.
pub(super) struct Handle(Arc<Core>);

impl Deref for Handle {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.retire();
    }
}

impl TaskRegistry {
    /// Makes an empty registry whose tasks stop with `shutdown`.
    #[must_use]
    pub fn new(shutdown: ShutdownToken) -> Self {
        Self::assemble(shutdown, None)
    }

    pub(crate) fn with_journal(shutdown: ShutdownToken, journal: Journal) -> Self {
        Self::assemble(shutdown, Some(journal))
    }

    fn assemble(shutdown: ShutdownToken, journal: Option<Journal>) -> Self {
        let core = Core::new(shutdown, journal);
        let scope = Arc::clone(&core.root);
        let core = Arc::new(Handle(core));
        Self { core, scope }
    }

    /// Makes a part of this registry that can be stopped and joined on its own.
    ///
    /// Its token is a child of this one's; its tasks are listed, counted and joined here as well.
    #[must_use]
    pub fn scope(&self, name: &'static str) -> Self {
        let parent = Some(Arc::clone(&self.scope));
        Self {
            core: Arc::clone(&self.core),
            scope: Scope::new(name, parent, self.scope.token.child_token()),
        }
    }

    /// A scope of the framework's own, which users neither see in their listing nor join.
    pub(crate) fn framework_scope(&self, name: &'static str, token: ShutdownToken) -> Self {
        Self {
            core: Arc::clone(&self.core),
            scope: Scope::framework(name, token),
        }
    }

    /// Returns the token that stops the tasks of this registry or scope.
    #[must_use]
    pub fn shutdown(&self) -> &ShutdownToken {
        &self.scope.token
    }

    /// Lists the live tasks of this registry or scope, in no particular order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<TaskSummary> {
        self.core.records(&self.scope, |record| record.summary())
    }

    /// Lists all live tasks of the service, the framework's own (`run`, transports) included.
    #[must_use]
    pub fn snapshot_all(&self) -> Vec<TaskSummary> {
        self.core.all_records(|record| record.summary())
    }

    /// Returns how many tasks of this registry or scope are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.core.live(&self.scope)
    }

    /// Returns whether no task of this registry or scope is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts the tasks of the whole service, the framework's own included.
    #[must_use]
    pub fn counts(&self) -> TaskCounts {
        self.core.counts()
    }

    /// Returns how the last 128 tasks of the whole service ended, oldest first.
    #[must_use]
    pub fn recent_outcomes(&self) -> Vec<TaskOutcome> {
        self.core.recent()
    }

    /// Returns whether a best-effort task has failed.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.core.is_degraded.load(Ordering::Relaxed)
    }

    /// Aborts every task of this registry or scope that is live now.
    ///
    /// One that is inside a [protected](crate::TaskContext::protect) section is aborted at its end. Returns
    /// at once; [`join_all`](Self::join_all) waits until their destructors have run.
    pub fn abort_all(&self) {
        self.core.abort(&self.scope, Force::Gentle);
    }

    /// Times the polls of every task that is spawned from now on, as
    /// [`TaskOptions::time_polls`](crate::TaskOptions::time_polls) does for one.
    pub fn time_polls(&self) {
        self.core.times_polls.store(true, Ordering::Relaxed);
    }

    /// Registers a heartbeat: whoever holds it promises to [`beat`](Heartbeat::beat) at least once
    /// per `limit`. The first limit counts from now.
    ///
    /// One that is late makes the service not [alive](crate::ServiceHandle::is_alive), is told in
    /// the log and as an event, and a watchdog outside is not fed. Once a stop is requested nobody
    /// has to beat any more. In a registry of its own, without a service, a heartbeat means nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use dig_service::RunContext;
    ///
    /// async fn run(ctx: RunContext) -> anyhow::Result<()> {
    ///     let heartbeat = ctx.tasks.heartbeat("sync", Duration::from_secs(30));
    ///     while !ctx.shutdown.is_cancelled() {
    ///         heartbeat.beat();
    ///         tokio::time::sleep(Duration::from_secs(1)).await; // a round of work
    ///     }
    ///     Ok(())
    /// }
    /// # let _ = run;
    /// ```
    pub fn heartbeat(&self, name: &'static str, limit: Duration) -> Heartbeat {
        self.heartbeats().register(name, limit, Judged::All)
    }

    pub(crate) fn heartbeats(&self) -> &Arc<Heartbeats> {
        &self.core.heartbeats
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.core.progress
    }

    pub(crate) fn report_progress(&self, what: String) {
        self.core.report_progress(what);
    }

    /// The journal of the service that the registry belongs to.
    pub(crate) fn journal(&self) -> Option<&Journal> {
        self.core.journal.as_ref()
    }

    /// Whether this is the registry of a whole service, and not a part of it.
    pub(super) fn is_of_service(&self) -> bool {
        self.core.is_of_service() && self.scope.parent.is_none()
    }

    /// Aborts every task, protected sections included.
    pub(super) fn abort_by_force(&self) {
        self.core.abort(&self.scope, Force::Full);
    }

    pub(crate) fn narrow(&self, gate: Gate) {
        self.core.narrow(&self.scope, gate);
    }

    /// Puts every task spawned from now on, and every log line about one, into `span`.
    pub(crate) fn set_span(&self, span: Span) {
        // Once per service: `start` consumes it.
        let _ = self.core.span.set(span);
    }
}

impl fmt::Debug for TaskRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRegistry")
            .field("scope", &self.scope.name)
            .field("live", &self.len())
            .finish_non_exhaustive()
    }
}
