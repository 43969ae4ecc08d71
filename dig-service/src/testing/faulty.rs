//! A node around a node, with a fault in it.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

use crate::lifecycle::{NodeLifecycle, RunContext, StartContext, StopContext};
use crate::shutdown::ShutdownToken;
use crate::tasks::{TaskKind, TaskOptions, TaskRegistry};
use crate::testing::act::{act, act_blocking, spawn_late};
use crate::testing::{FaultPlan, Place, TestNode, Transcript};

/// Wraps a node: something goes wrong where a [`FaultPlan`] says so, and a [`Transcript`] tells what
/// ran.
///
/// At a hook the fault comes in the stead of the node's own hook; only
/// [`SpawnLate`](crate::testing::Fault::SpawnLate) lets it run afterwards. With a fault at
/// [`Place::Task`] or [`Place::BlockingTask`], `on_start` spawns such a task when the node's own
/// `on_start` has returned `Ok`. The hook `cleanup` is told, and left alone.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dig_service::testing::{Fault, FaultPlan, Faulty, Place, TestNode};
/// use dig_service::{Service, ServiceError};
///
/// let plan = FaultPlan::new().with(Place::OnStart, Fault::Panic);
/// let node = Faulty::new(TestNode::default(), plan);
/// let transcript = node.transcript().clone();
///
/// let result = Service::new(node, (), ()).start().await;
///
/// assert!(matches!(result, Err(ServiceError::OnStartFailed(_))));
/// assert_eq!(
///     transcript.ends(),
///     ["pre_start ok", "on_start panic", "post_stop ok", "cleanup ok"]
/// );
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faulty<N = TestNode> {
    node: N,
    plan: FaultPlan,
    transcript: Transcript,
}

impl<N> Faulty<N> {
    /// Wraps a node.
    #[must_use]
    pub fn new(node: N, plan: FaultPlan) -> Self {
        Self {
            node,
            plan,
            transcript: Transcript::new(),
        }
    }

    /// Writes into this transcript from now on.
    #[must_use]
    pub fn with_transcript(mut self, transcript: Transcript) -> Self {
        self.transcript = transcript;
        self
    }

    /// Returns the transcript; a clone of it can be read when the service is over.
    #[must_use]
    pub const fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Returns the node inside.
    #[must_use]
    pub const fn node(&self) -> &N {
        &self.node
    }

    /// Calls a hook, or what goes wrong with it, and tells how it ended.
    async fn hook(
        &self,
        place: Place,
        shutdown: &ShutdownToken,
        tasks: &TaskRegistry,
        inner: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let entry = self.transcript.begin(place.label());
        let spawn = || spawn_late(tasks, place, &self.transcript);
        let result = match act(&self.plan, place, shutdown, spawn).await {
            Ok(()) => inner.await,
            Err(error) => Err(error),
        };
        entry.end(&result);
        result
    }

    fn spawn_tasks(&self, tasks: &TaskRegistry) {
        let (plan, place) = (Arc::new(self.plan), Place::Task);
        if plan.at(place).is_some() {
            let (plan, transcript) = (Arc::clone(&plan), self.transcript.clone());
            tasks.spawn_with(place.label(), TaskKind::BackgroundLoop, async move |cx| {
                let entry = transcript.begin(place.label());
                let spawn = || spawn_late(&cx.tasks, place, &transcript);
                let result = act(&plan, place, &cx.shutdown, spawn).await;
                entry.end(&result);
                result
            });
        }
        let place = Place::BlockingTask;
        if plan.at(place).is_some() {
            let transcript = self.transcript.clone();
            let options = TaskOptions::new(TaskKind::BackgroundLoop);
            let spawned = tasks.spawn_blocking(place.label(), options, move |cx| {
                let entry = transcript.begin(place.label());
                let result = act_blocking(&plan, &cx, &transcript);
                entry.end(&result);
                result
            });
            drop(spawned);
        }
    }
}

#[async_trait]
impl<N: NodeLifecycle> NodeLifecycle for Faulty<N> {
    const NAME: Option<&'static str> = N::NAME;

    async fn pre_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        let inner = self.node.pre_start(ctx);
        self.hook(Place::PreStart, &ctx.shutdown, ctx.tasks, inner)
            .await
    }

    async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        let inner = async {
            self.node.on_start(ctx).await?;
            self.spawn_tasks(ctx.tasks);
            Ok(())
        };
        self.hook(Place::OnStart, &ctx.shutdown, ctx.tasks, inner)
            .await
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        let inner = self.node.run(ctx.clone());
        self.hook(Place::Run, &ctx.shutdown, &ctx.tasks, inner)
            .await
    }

    async fn on_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        let inner = self.node.on_stop(ctx);
        self.hook(Place::OnStop, &ctx.shutdown, ctx.tasks, inner)
            .await
    }

    async fn post_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        let inner = self.node.post_stop(ctx);
        self.hook(Place::PostStop, &ctx.shutdown, ctx.tasks, inner)
            .await
    }

    async fn cleanup(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        let entry = self.transcript.begin("cleanup");
        let result = self.node.cleanup(ctx).await;
        entry.end(&result);
        result
    }
}
