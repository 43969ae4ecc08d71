//! A node that fails where it is told to.

use std::time::Duration;

use async_trait::async_trait;

use crate::lifecycle::{NodeLifecycle, RunContext, StartContext, StopContext};

/// A node that fails where it is told to, and otherwise waits in `run` for the stop.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dig_service::testing::TestNode;
/// use dig_service::{Service, ServiceError};
///
/// let node = TestNode { fail_run: true, ..TestNode::default() };
/// let result = Service::new(node, (), ()).start().await;
/// assert!(matches!(result, Err(ServiceError::RunFailed(_))));
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct TestNode {
    /// Makes `pre_start` fail.
    pub fail_pre_start: bool,
    /// Makes `on_start` fail.
    pub fail_on_start: bool,
    /// Makes `run` fail at once.
    pub fail_run: bool,
    /// Makes `on_stop` fail.
    pub fail_on_stop: bool,
    /// Makes `run` return `Ok` after this time; with zero it waits for the stop.
    pub run_delay: Duration,
}

#[async_trait]
impl NodeLifecycle for TestNode {
    const NAME: Option<&'static str> = Some("test");

    async fn pre_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        fail_if(self.fail_pre_start, "pre_start")
    }

    async fn on_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        fail_if(self.fail_on_start, "on_start")
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        fail_if(self.fail_run, "run")?;
        if self.run_delay.is_zero() {
            ctx.shutdown.cancelled().await;
        } else {
            tokio::select! {
                () = ctx.shutdown.cancelled() => {}
                () = tokio::time::sleep(self.run_delay) => {}
            }
        }
        Ok(())
    }

    async fn on_stop(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        fail_if(self.fail_on_stop, "on_stop")
    }
}

fn fail_if(is_failing: bool, hook: &'static str) -> anyhow::Result<()> {
    anyhow::ensure!(!is_failing, "`{hook}` was told to fail");
    Ok(())
}
