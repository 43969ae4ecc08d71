//! What a task is told when it starts.

use std::sync::Arc;

use crate::shutdown::ShutdownToken;
use crate::tasks::TaskRegistry;
use crate::tasks::protect::{Protected, Protection};

/// What a task spawned with [`TaskRegistry::spawn_with`] or
/// [`TaskRegistry::spawn_blocking`] is given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskContext {
    /// A token of the task's own: it fires with the registry's, and cancelling it touches no other
    /// task.
    pub shutdown: ShutdownToken,
    /// The registry that the task runs in.
    pub tasks: TaskRegistry,
    /// The task's name.
    pub name: &'static str,
    pub(super) protection: Arc<Protection>,
}

impl TaskContext {
    /// Begins a section in which the registry does not abort the task: an abort that comes
    /// meanwhile is done when the guard is dropped.
    ///
    /// A section that lasts beyond what the stop gives tasks is aborted after all. An
    /// [`AbortHandle`](tokio::task::AbortHandle) in the user's own hand does not know of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::time::Duration;
    /// use dig_service::{ShutdownReason, ShutdownToken, TaskContext, TaskKind, TaskRegistry};
    ///
    /// let tasks = TaskRegistry::new(ShutdownToken::new());
    /// tasks.spawn_with("writer", TaskKind::BackgroundLoop, |cx: TaskContext| async move {
    ///     while !cx.shutdown.is_cancelled() {
    ///         let _whole = cx.protect();
    ///         // Write a record here: all of it, or none.
    ///         tokio::task::yield_now().await;
    ///     }
    ///     Ok(())
    /// });
    ///
    /// tasks.shutdown().cancel(ShutdownReason::UserRequested);
    /// tasks.join_all(Duration::from_secs(1)).await.unwrap();
    /// # }
    /// ```
    pub fn protect(&self) -> Protected {
        Protected::enter(Arc::clone(&self.tasks.core), Arc::clone(&self.protection))
    }
}
