//! The registry that user code spawns through.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tracing::Span;

use crate::event::Journal;
use crate::shutdown::ShutdownToken;
use crate::tasks::core::{Admission, Core};
use crate::tasks::protect::Protection;
use crate::tasks::scope::{Gate, Scope};
use crate::tasks::table::Force;
use crate::tasks::tracked::{Guard, Tracked};
use crate::tasks::{
    Heartbeat, Heartbeats, Judged, Progress, Refused, TaskContext, TaskCounts, TaskEnd, TaskKind,
    TaskOptions, TaskOutcome, TaskSummary,
};

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
    pub(super) core: Arc<Core>,
    pub(super) scope: Arc<Scope>,
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
        Self {
            core: Arc::new(Core::new(shutdown.clone(), journal)),
            scope: Scope::new("", None, shutdown),
        }
    }

    /// Spawns a task and returns the handle that can abort it.
    ///
    /// The task is listed until its future is dropped. After the registry is closed, or while the
    /// service drains, the future is dropped unpolled, a warning is logged, the refusal is counted,
    /// and the handle is that of a task already aborted; [`try_spawn`](Self::try_spawn) says so
    /// instead.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, as `tokio::spawn` does.
    #[track_caller]
    pub fn spawn(
        &self,
        name: &'static str,
        kind: TaskKind,
        fut: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> AbortHandle {
        self.try_spawn(name, kind, fut).unwrap_or_else(aborted)
    }

    /// Spawns a task that is given a [`TaskContext`] with a token of its own.
    ///
    /// Late spawns are treated as by [`spawn`](Self::spawn): `task` is called, and the future it makes
    /// is dropped unpolled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn spawn_with<F>(
        &self,
        name: &'static str,
        options: impl Into<TaskOptions>,
        task: impl FnOnce(TaskContext) -> F,
    ) -> AbortHandle
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let context = self.context(name);
        let protection = Some(Arc::clone(&context.protection));
        let future = task(context);
        self.launch(name, options.into(), protection, future)
            .unwrap_or_else(aborted)
    }

    /// Spawns a task, or says which phase refused it.
    ///
    /// # Errors
    ///
    /// [`Refused`] while the service drains (unless the task is
    /// [drain work](TaskOptions::drain_work)) and after the registry was closed; the future is
    /// dropped unpolled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn try_spawn(
        &self,
        name: &'static str,
        options: impl Into<TaskOptions>,
        fut: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> Result<AbortHandle, Refused> {
        self.launch(name, options.into(), None, fut)
    }

    #[track_caller]
    fn launch(
        &self,
        name: &'static str,
        options: TaskOptions,
        protection: Option<Arc<Protection>>,
        fut: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> Result<AbortHandle, Refused> {
        // Before the registration, so that a panic outside a runtime counts nothing.
        let runtime = Handle::current();
        let guard = self.admit(name, options, protection, false)?;
        let key = guard.key();
        // No lock is held: on a runtime that is shutting down this call drops the future.
        let handle = runtime.spawn(Tracked::new(fut, guard)).abort_handle();
        self.core.arm(key, handle.clone());
        Ok(handle)
    }

    /// Runs a closure on the blocking pool, tracked and told to stop through its
    /// [`TaskContext`].
    ///
    /// An abort has no effect once the closure runs; one that outlasts the deadline of
    /// [`join_all`](Self::join_all) is named as stuck and left behind.
    ///
    /// # Errors
    ///
    /// [`Refused`] as for [`try_spawn`](Self::try_spawn); the closure is dropped uncalled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn spawn_blocking(
        &self,
        name: &'static str,
        options: impl Into<TaskOptions>,
        task: impl FnOnce(TaskContext) -> anyhow::Result<()> + Send + 'static,
    ) -> Result<AbortHandle, Refused> {
        let runtime = Handle::current();
        let context = self.context(name);
        let protection = Some(Arc::clone(&context.protection));
        let guard = self.admit(name, options.into(), protection, true)?;
        let key = guard.key();
        let body = move || {
            let mut guard = guard;
            let core = Arc::clone(&guard.core);
            let _entered = core.span.get().map(Span::enter);
            guard.end = match crate::error::guard(|| task(context)) {
                Ok(result) => TaskEnd::from(result),
                Err(panic) => TaskEnd::Panicked(panic),
            };
        };
        let handle = runtime.spawn_blocking(body).abort_handle();
        self.core.arm(key, handle.clone());
        Ok(handle)
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
        self.scope.live()
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
        self.core.is_degraded()
    }

    /// Aborts every task of this registry or scope that is live now.
    ///
    /// One that is inside a [protected](TaskContext::protect) section is aborted at its end. Returns
    /// at once; [`join_all`](Self::join_all) waits until their destructors have run.
    pub fn abort_all(&self) {
        self.core.abort(&self.scope, Force::Gentle);
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

    fn context(&self, name: &'static str) -> TaskContext {
        TaskContext {
            shutdown: self.scope.token.child_token(),
            tasks: self.clone(),
            name,
            protection: Arc::default(),
        }
    }

    #[track_caller]
    fn admit(
        &self,
        name: &'static str,
        options: TaskOptions,
        protection: Option<Arc<Protection>>,
        is_blocking: bool,
    ) -> Result<Guard, Refused> {
        let admission = Admission {
            name,
            options,
            scope: &self.scope,
            spawned_from: Location::caller(),
            is_blocking,
            protection: protection.clone(),
        };
        let key = self.core.admit(admission)?;
        if let Some(protection) = protection {
            protection.stands_at(key);
        }
        Ok(Guard::new(Arc::clone(&self.core), key))
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

/// The handle of a task that was refused: one that never ran and is aborted.
fn aborted(refused: Refused) -> AbortHandle {
    tracing::warn!(task = refused.name, phase = %refused.phase, "spawn refused: too late");
    let nothing = Handle::current().spawn(std::future::pending::<()>());
    nothing.abort();
    nothing.abort_handle()
}
