//! Waiting for tasks, aborting those that are late, and waiting for their destructors.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::error::{Result, ServiceError};
use crate::tasks::scope::Gate;
use crate::tasks::{TaskRegistry, TaskSummary};

/// How long the destructors of aborted tasks are waited for.
pub(crate) const DESTRUCTOR_GRACE: Duration = Duration::from_secs(1);

/// What a join found.
#[derive(Debug, Default)]
pub(crate) struct JoinReport {
    /// Tasks that were alive at the deadline and were aborted.
    pub(crate) late: Vec<TaskSummary>,
    /// Those of them that are alive even now: they never yield.
    pub(crate) stuck: Vec<TaskSummary>,
}

impl TaskRegistry {
    /// Waits for every task, and aborts those left at the deadline.
    ///
    /// All tasks are waited for at once, under one deadline; the wait ends with the last task. A
    /// stand-alone registry and a [scope](Self::scope) are closed by it: from this call on they take
    /// nothing in. The registry of a service stays open, as the service closes it. The aborted tasks are waited for as well, one
    /// second at most, so that their destructors have run when this returns; one that does not
    /// yield even then is named in a warning.
    ///
    /// The token is left alone: cancel it first, if the tasks wait for it.
    ///
    /// # Errors
    ///
    /// [`ServiceError::ShutdownDeadlineExceeded`] with the number of tasks that were alive at the
    /// deadline.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was closed stays closed and the tasks stay tracked; call it again.
    pub async fn join_all(&self, deadline: Duration) -> Result<()> {
        if !self.is_of_service() {
            self.narrow(Gate::Closed);
        }
        let report = self.join_until(Instant::now().checked_add(deadline)).await;
        match report.late.len() {
            0 => Ok(()),
            pending => Err(ServiceError::ShutdownDeadlineExceeded { deadline, pending }),
        }
    }

    /// Waits until the deadline (for ever without one), then aborts and waits for the destructors.
    pub(crate) async fn join_until(&self, deadline: Option<Instant>) -> JoinReport {
        if self.idle_by(deadline).await {
            return JoinReport::default();
        }
        self.abort_and_join(Instant::now() + DESTRUCTOR_GRACE).await
    }

    /// Aborts all that is left and waits for it until `deadline`.
    pub(crate) async fn abort_and_join(&self, deadline: Instant) -> JoinReport {
        let late = self.snapshot();
        for task in &late {
            tracing::warn!(
                task = task.name,
                kind = %task.kind,
                spawned_from = %task.spawned_from,
                age = ?task.spawned_at.elapsed(),
                "task outlasted its deadline; aborting it",
            );
        }
        self.abort_all();
        // What is protected has most of the grace; destructors, its own included, have the rest.
        let left = deadline.saturating_duration_since(Instant::now());
        if self.idle_by(Some(deadline - left / 4)).await || {
            self.abort_by_force();
            self.idle_by(Some(deadline)).await
        } {
            return JoinReport {
                late,
                stuck: Vec::new(),
            };
        }
        let stuck = self.snapshot();
        for task in &stuck {
            tracing::error!(
                task = task.name,
                kind = %task.kind,
                spawned_from = %task.spawned_from,
                blocking = task.is_blocking,
                "task is stuck: it was aborted and does not yield",
            );
        }
        JoinReport { late, stuck }
    }

    /// Waits until no task is left; `false` if the deadline came first.
    pub(crate) async fn idle_by(&self, deadline: Option<Instant>) -> bool {
        match deadline {
            Some(deadline) => timeout_at(deadline, self.idle()).await.is_ok() || self.is_empty(),
            None => {
                self.idle().await;
                true
            }
        }
    }

    async fn idle(&self) {
        self.core.watch(&self.scope);
        loop {
            let mut left = std::pin::pin!(self.scope.idle.notified());
            // Enabled before the count is read: a task that leaves in between still wakes us.
            left.as_mut().enable();
            if self.is_empty() {
                return;
            }
            left.await;
        }
    }
}
