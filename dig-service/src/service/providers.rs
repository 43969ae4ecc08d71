//! The service's providers: booted before `on_start`, shut down after `on_stop`, reloaded between.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{BoxFuture, NotBooted};
use crate::lifecycle::{NodeLifecycle, Step, StepEnd, StopPart};
use crate::registry::{Around, Registry, ReloadState, Runner};
use crate::service::driver::Driver;
use crate::service::hooks::HookCall;
use crate::shutdown::ShutdownReason;
use crate::tasks::{Gate, TaskRegistry};

/// What becomes of a service whose reload has failed while it was applied, so that some providers
/// are on the new configuration and others on the old.
///
/// A reload that fails while it is prepared has changed nothing: the service goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReloadFailure {
    /// It goes on, and is [not ready](crate::ServiceHandle::is_ready) until a reload succeeds.
    #[default]
    Stay,
    /// It stops with [`ShutdownReason::Fatal`], to be started again whole.
    Stop,
}

/// Providers and their state, whatever its type.
pub(super) trait Providers: Send + Sync {
    /// Makes the plan.
    fn check(&self) -> anyhow::Result<()>;
    /// Boots and validates; what has booted is shut down by [`shutdown`](Self::shutdown), also if
    /// this fails.
    fn boot<'a>(&'a self, around: Around<'a>) -> BoxFuture<'a, anyhow::Result<()>>;
    /// The long work.
    fn runners(&self) -> Vec<Runner>;
    /// Shuts down what has booted.
    fn shutdown<'a>(
        &'a self,
        deadline: Option<Instant>,
        tasks: &'a TaskRegistry,
    ) -> BoxFuture<'a, anyhow::Result<()>>;
    fn reload(&self) -> BoxFuture<'_, Reloaded>;
}

/// What a reload came to.
#[derive(Default)]
pub(super) struct Reloaded {
    pub(super) error: Option<String>,
    pub(super) is_mixed: bool,
    /// What became of each provider.
    pub(super) outcomes: Vec<(&'static str, &'static str)>,
}

struct Held<S: Send + Sync + 'static> {
    registry: Arc<Registry<S>>,
    state: S,
}

pub(super) fn hold<S>(registry: Arc<Registry<S>>, state: S) -> Arc<dyn Providers>
where
    S: ReloadState + Clone + Send + Sync + 'static,
{
    Arc::new(Held { registry, state })
}

impl<S: ReloadState + Clone + Send + Sync + 'static> Providers for Held<S> {
    fn check(&self) -> anyhow::Result<()> {
        Ok(self.registry.freeze()?)
    }

    fn boot<'a>(&'a self, around: Around<'a>) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.registry.boot_in(&self.state, &around).await?;
            Ok(self.registry.validate_all(&self.state)?)
        })
    }

    fn runners(&self) -> Vec<Runner> {
        self.registry.runners(&self.state)
    }

    fn shutdown<'a>(
        &'a self,
        deadline: Option<Instant>,
        tasks: &'a TaskRegistry,
    ) -> BoxFuture<'a, anyhow::Result<()>> {
        let told = Some(tasks);
        Box::pin(async move {
            let down = self.registry.shutdown_by(&self.state, deadline, told);
            Ok(down.await?)
        })
    }

    fn reload(&self) -> BoxFuture<'_, Reloaded> {
        Box::pin(async move {
            let result = self.registry.reload_all(&self.state).await;
            let report = self.registry.last_reload();
            let outcomes = report.as_ref().map(|report| {
                let own = report.outcomes.iter();
                own.map(|(name, outcome)| (*name, outcome.label()))
                    .collect()
            });
            Reloaded {
                is_mixed: result.is_err() && report.is_some_and(|report| report.is_mixed()),
                error: result.err().map(|error| error.to_string()),
                outcomes: outcomes.unwrap_or_default(),
            }
        })
    }
}

/// The part of the share after which a reload that is still running is aborted.
const RELOAD_PART: u32 = 4;

impl<N: NodeLifecycle> Driver<N> {
    /// Boots the providers, in the plan's order.
    pub(super) async fn boot(&mut self) -> StepEnd {
        let Some(providers) = self.providers.clone() else {
            return StepEnd::Ok;
        };
        let control = Arc::clone(&self.control);
        let around = Around {
            shutdown: &control.shutdown,
            tasks: &control.tasks,
            cancel_grace: self.deadlines.start_cancel_grace,
        };
        let booting = async {
            let booted = providers.boot(around).await;
            booted.map_err(|error| error.context(NotBooted))
        };
        let call = HookCall::new(&control, Step::Boot, || Box::pin(booting));
        call.start(self.deadlines, &mut self.clock).await
    }

    /// Shuts down what has booted, after a reload that is under way.
    pub(super) async fn close_providers(&mut self) -> StepEnd {
        let Some(providers) = self.providers.clone() else {
            return StepEnd::Ok;
        };
        let deadline = self.clock().deadline(StopPart::Providers);
        let reloads = &self.control.reload_tasks;
        reloads.shutdown().cancel(ShutdownReason::RequestedByRun);
        reloads.narrow(Gate::Closed);
        let patience = deadline.map(|deadline| Instant::now() + left(deadline) / RELOAD_PART);
        let report = reloads.join_until(patience).await;
        self.late_tasks(&report, StopPart::Providers);
        // A little before the step's own end, so that all are called.
        let for_all = deadline.map(|deadline| deadline - left(deadline) / 20);
        let call = HookCall::new(&self.control, Step::Providers, || {
            providers.shutdown(for_all, &self.control.tasks)
        });
        call.stop(deadline).await
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

impl fmt::Debug for dyn Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Providers")
    }
}
