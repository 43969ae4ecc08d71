//! Reloading in place: the providers, then the node, one reload at a time.

use std::sync::Arc;
use std::time::Duration;

use crate::control::Control;
use crate::error::{Guarded, shown};
use crate::event::{EventKind, ProviderChange, ProviderEvent};
use crate::lifecycle::{NodeLifecycle, ReloadDecl};
use crate::service::ReloadFailure;
use crate::service::driver::Driver;
use crate::service::providers::{Providers, Reloaded};
use crate::shutdown::ShutdownReason;
use crate::tasks::TaskKind;

/// The name of the task that reloads.
const NAME: &str = "reload";

/// How long a step of the node's may take.
const STEP_LIMIT: Duration = Duration::from_secs(60);

/// All that a reload of this service goes through.
struct Reload<N: 'static> {
    node: Arc<N>,
    providers: Option<Arc<dyn Providers>>,
    steps: Vec<&'static ReloadDecl<N>>,
    control: Arc<Control>,
    on_failure: ReloadFailure,
}

impl<N: NodeLifecycle> Driver<N> {
    /// Starts the task that reloads, if there is something to reload.
    pub(super) fn start_reloads(&self) {
        let mut steps: Vec<_> = N::reloads().iter().collect();
        if self.providers.is_none() && steps.is_empty() {
            return;
        }
        steps.sort_by_key(|step| step.order);
        let reload = Reload {
            node: Arc::clone(&self.node),
            providers: self.providers.clone(),
            steps,
            control: Arc::clone(&self.control),
            on_failure: self.on_failed_reload,
        };
        let tasks = &self.control.reload_tasks;
        tasks.spawn(NAME, TaskKind::Maintenance, async move {
            let shutdown = reload.control.reload_tasks.shutdown().clone();
            loop {
                let cause = tokio::select! {
                    biased;
                    () = shutdown.cancelled() => return Ok(()),
                    cause = reload.control.reload_requested() => cause,
                };
                // I11: what was asked for before the stop is not done in it.
                if !reload.control.is_stop_requested() {
                    reload.once(cause).await;
                }
            }
        });
    }
}

impl<N: NodeLifecycle> Reload<N> {
    async fn once(&self, cause: Arc<str>) {
        let control = &self.control;
        let record = |kind| {
            control
                .journal
                .record_caused(kind, Some(Arc::clone(&cause)))
        };
        record(EventKind::ReloadBegan);
        let done = self.apply().await;
        for (name, outcome) in &done.outcomes {
            record(EventKind::Provider(ProviderEvent {
                name,
                change: ProviderChange::Reloaded { outcome },
            }));
        }
        // One that failed to prepare has changed nothing, and mended nothing either.
        if done.error.is_none() || done.is_mixed {
            control.note_reload(done.is_mixed);
        }
        let generation = *control.reloads().borrow();
        match &done.error {
            None => tracing::info!(generation, "reloaded"),
            Some(error) => tracing::error!(generation, error, "reload failed"),
        }
        record(EventKind::ReloadEnded {
            generation,
            error: done.error.clone(),
        });
        if let (Some(error), true, ReloadFailure::Stop) =
            (done.error, done.is_mixed, self.on_failure)
        {
            let what = format!("reload failed: {error}");
            if !control.is_stop_requested() {
                control.journal.set_cause(cause);
            }
            control.shutdown.cancel(ShutdownReason::Fatal(what));
        }
    }

    /// The providers first, as the node's steps may use them.
    async fn apply(&self) -> Reloaded {
        let mut done = Reloaded::default();
        if let Some(providers) = &self.providers {
            done = providers.reload().await;
            if done.error.is_some() {
                return done;
            }
        }
        for step in &self.steps {
            if let Err(error) = self.step(step).await {
                done.error = Some(format!("`{}`: {error}", step.name));
                // A step that fails may have done a part of its work.
                done.is_mixed = true;
                return done;
            }
        }
        done
    }

    async fn step(&self, step: &ReloadDecl<N>) -> Result<(), String> {
        let mut call = Guarded::new(|| (step.work)(&self.node));
        let returned = tokio::time::timeout(STEP_LIMIT, &mut call).await;
        let dropped = call.dismiss();
        match (returned, dropped) {
            (Ok(Ok(result)), _) => result.map_err(|error| shown(&error)),
            (Ok(Err(panic)), _) | (Err(_), Some(panic)) => Err(panic.to_string()),
            (Err(_), None) => Err(format!("did not return within {STEP_LIMIT:?}")),
        }
    }
}
