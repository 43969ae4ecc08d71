//! The ways into the registry.

use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Handle};
use tokio::task::{AbortHandle, JoinHandle};

use crate::tasks::core::{Admission, Admitted};
use crate::tasks::protect::Protection;
use crate::tasks::tracked::{Guard, Tracked};
use crate::tasks::{Refused, TaskContext, TaskEnd, TaskKind, TaskOptions, TaskRegistry};

impl TaskRegistry {
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
        let protection = Arc::clone(&context.protection);
        let future = task(context);
        self.launch(name, options.into(), Some(&protection), future)
            .map_or_else(aborted, |(_, handle)| handle.abort_handle())
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
        let spawned = self.launch(name, options.into(), None, fut);
        spawned.map(|(_, handle)| handle.abort_handle())
    }

    /// Spawns a task without a handle: tracked as any other, and cheaper, for tasks by the thousand
    /// that nobody but the registry aborts.
    ///
    /// # Errors
    ///
    /// [`Refused`] as for [`try_spawn`](Self::try_spawn); the future is dropped unpolled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::time::Duration;
    /// use dig_service::{ShutdownToken, TaskKind, TaskRegistry};
    ///
    /// let tasks = TaskRegistry::new(ShutdownToken::new());
    /// for peer in 0..1000 {
    ///     let greet = async move {
    ///         println!("hello, {peer}");
    ///         Ok(())
    ///     };
    ///     tasks.detach("greet", TaskKind::PeerConnection, greet).unwrap();
    /// }
    /// tasks.join_all(Duration::from_secs(1)).await.unwrap();
    /// assert_eq!(tasks.counts().completed, 1000);
    /// # }
    /// ```
    #[track_caller]
    pub fn detach(
        &self,
        name: &'static str,
        options: impl Into<TaskOptions>,
        fut: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> Result<(), Refused> {
        self.launch(name, options.into(), None, fut).map(drop)
    }

    #[track_caller]
    pub(super) fn launch(
        &self,
        name: &'static str,
        options: TaskOptions,
        protection: Option<&Arc<Protection>>,
        fut: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> Result<(Admitted, JoinHandle<()>), Refused> {
        let admitted = self.admit(name, options, protection, false)?;
        let guard = Guard::new(self.core.number(), admitted.key, admitted.traits);
        // Not a runtime's handle asked for first: that would cost a tenth of the spawn.
        let retraction = Retraction {
            tasks: self,
            admitted: Some(admitted),
        };
        // No lock is held: on a runtime that is shutting down this call drops the future.
        #[expect(clippy::disallowed_methods, reason = "the one place that may")]
        let handle = tokio::spawn(Tracked::new(fut, guard));
        retraction.call_off();
        Ok((admitted, handle))
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
        let protection = Arc::clone(&context.protection);
        let admitted = self.admit(name, options.into(), Some(&protection), true)?;
        let guard = Guard::new(self.core.number(), admitted.key, admitted.traits);
        let registry = self.clone();
        let body = move || {
            let mut guard = guard;
            let core = &registry.core;
            let _entered = core.span.get().map(tracing::Span::enter);
            guard.ends_with(
                core,
                match crate::error::guard(|| task(context)) {
                    Ok(result) => TaskEnd::from(result),
                    Err(panic) => TaskEnd::Panicked(panic),
                },
            );
        };
        let handle = runtime.spawn_blocking(body).abort_handle();
        self.core.arm(admitted.key, admitted.id, handle.clone());
        Ok(handle)
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
        protection: Option<&Arc<Protection>>,
        is_blocking: bool,
    ) -> Result<Admitted, Refused> {
        let spawned_from = options.place.unwrap_or(Location::caller());
        let admitted = self.core.admit(Admission {
            name,
            options,
            scope: &self.scope,
            spawned_from,
            is_blocking,
            protection,
        })?;
        if let Some(protection) = protection {
            protection.stands_at(admitted.key, admitted.id);
        }
        Ok(admitted)
    }
}

/// Outside a runtime `tokio::spawn` panics: then the task was never one, and nothing is counted.
struct Retraction<'a> {
    tasks: &'a TaskRegistry,
    admitted: Option<Admitted>,
}

impl Retraction<'_> {
    fn call_off(mut self) {
        self.admitted = None;
    }
}

impl Drop for Retraction<'_> {
    fn drop(&mut self) {
        if let Some(Admitted { key, id, .. }) = self.admitted {
            let is_users = !self.tasks.scope.is_framework();
            self.tasks.core.shard(key).retract(id, is_users);
        }
    }
}

/// The handle of a task that was refused: one that was aborted and never ran.
fn aborted(refused: Refused) -> AbortHandle {
    static ABORTED: OnceLock<AbortHandle> = OnceLock::new();

    tracing::warn!(task = refused.name, phase = %refused.phase, "spawn refused: too late");
    ABORTED.get_or_init(never_ran).clone()
}

fn never_ran() -> AbortHandle {
    let nothing = std::future::pending::<()>();
    // A runtime that ends aborts its tasks, and this one is over when it has.
    match Builder::new_current_thread().build() {
        Ok(runtime) => {
            let handle = runtime.spawn(nothing).abort_handle();
            runtime.shutdown_background();
            handle
        }
        // No more descriptors, say: the caller's own runtime does as well, a moment later.
        Err(_) => {
            let handle = Handle::current().spawn(nothing).abort_handle();
            handle.abort();
            handle
        }
    }
}
