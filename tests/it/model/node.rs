//! The node that does what a case says.

use std::panic::resume_unwind;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use dig_service::{
    NodeLifecycle, RunContext, ShutdownToken, StartContext, StopContext, TaskKind, TaskOptions,
    TaskRegistry,
};

use super::case::{Case, Does, End, Matters};

#[derive(Debug)]
pub(crate) struct Told {
    case: Case,
    registry: Arc<OnceLock<TaskRegistry>>,
}

impl Told {
    pub(crate) fn new(case: Case) -> Self {
        Self {
            case,
            registry: Arc::default(),
        }
    }

    /// The registry of the service, once `on_start` has begun.
    pub(crate) fn registry(&self) -> Arc<OnceLock<TaskRegistry>> {
        Arc::clone(&self.registry)
    }
}

async fn act(does: Does, token: &ShutdownToken) -> anyhow::Result<()> {
    if does.heeds {
        token.cancelled().await;
    }
    if does.after > 0 {
        tokio::time::sleep(Duration::from_millis(does.after)).await;
    }
    match does.end {
        End::Ok => Ok(()),
        End::Err => bail!("told to fail"),
        // A panic without the hook, which would print thousands of times.
        End::Panic => resume_unwind(Box::new("told to panic")),
        End::Hang => std::future::pending().await,
    }
}

#[async_trait]
impl NodeLifecycle for Told {
    async fn pre_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        act(self.case.pre_start, &ctx.shutdown).await
    }

    async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        let _ = self.registry.set(ctx.tasks.clone());
        for task in &self.case.tasks {
            let options = TaskOptions::new(TaskKind::BackgroundLoop);
            let options = match task.matters {
                Matters::Standard => options,
                Matters::Critical => options.critical(),
                Matters::CriticalUnlessOk => options.critical().may_finish(),
                Matters::BestEffort => options.best_effort(),
            };
            let (does, token) = (task.does, ctx.shutdown.clone());
            ctx.tasks
                .try_spawn("told", options, async move { act(does, &token).await })?;
        }
        act(self.case.on_start, &ctx.shutdown).await
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        act(self.case.run, &ctx.shutdown).await
    }

    async fn on_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        act(self.case.on_stop, &ctx.shutdown).await
    }

    async fn post_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        act(self.case.post_stop, &ctx.shutdown).await
    }

    async fn cleanup(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        act(self.case.cleanup, &ctx.shutdown).await
    }
}
