//! I19: a spawn comes too late as soon as its caller can see that the stop was requested.

use async_trait::async_trait;
use dig_service::testing::{Trial, TrialOutcome};
use dig_service::{
    NodeLifecycle, RunContext, ShutdownReason, StartContext, TaskKind, TaskRegistry,
};

/// Fires the token in one of its hooks, then spawns.
struct Late {
    at: &'static str,
}

impl Late {
    fn spawn(&self, hook: &str, tasks: &TaskRegistry) -> anyhow::Result<()> {
        if self.at == hook {
            tasks.shutdown().cancel(ShutdownReason::UserRequested);
            let spawned = tasks.try_spawn("late", TaskKind::Maintenance, async { Ok(()) });
            anyhow::ensure!(spawned.is_err(), "the spawn was taken in");
        }
        Ok(())
    }
}

#[async_trait]
impl NodeLifecycle for Late {
    async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        self.spawn("on_start", ctx.tasks)
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        self.spawn("run", &ctx.tasks)?;
        ctx.shutdown.cancelled().await;
        Ok(())
    }
}

fn live(at: &'static str) -> TrialOutcome {
    Trial::new(Late { at }).run(async |_| {})
}

#[test]
fn i19_run_that_sees_the_token_fired_cannot_spawn() {
    let outcome = live("run");

    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
}

#[test]
fn i19_start_hook_that_sees_the_token_fired_cannot_spawn() {
    let outcome = live("on_start");

    assert!(outcome.report.errors.is_empty(), "{:?}", outcome.report);
}
