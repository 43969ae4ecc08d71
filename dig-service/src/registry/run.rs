//! The long work of providers, as tasks.

use std::sync::Arc;

use tracing::Instrument;

use crate::error::guard;
use crate::registry::{Error, Phase, Provider, Registry};
use crate::tasks::{TaskContext, TaskKind, TaskOptions, TaskRegistry};

impl<S: Clone + Send + Sync + 'static> Registry<S> {
    /// Starts the work of every [`Runnable`](crate::registry::Runnable) as a task, those of lower
    /// run priority first, in a span `provider{provider}`; returns how many.
    ///
    /// The tasks are critical: an error that is not recoverable, and a panic, fire the token of
    /// `tasks` with `Fatal` and the provider's name. `Ok` ends the task only.
    pub fn run_all(&self, state: S, tasks: &TaskRegistry) -> usize {
        let Ok(ordered) = self.ordered_by(|entry| entry.provider.run_priority()) else {
            return 0;
        };
        let mut started = 0;
        for entry in ordered {
            let is_runnable = guard(|| entry.provider.as_runnable().is_some()).unwrap_or(false);
            if !is_runnable {
                continue;
            }
            let (name, provider, state) = (entry.name, Arc::clone(&entry.provider), state.clone());
            let span = tracing::info_span!("provider", provider = name);
            let options = TaskOptions::new(TaskKind::BackgroundLoop)
                .critical()
                .may_finish();
            tasks.spawn_with(name, options, move |task| {
                async move {
                    run(name, &*provider, state, task)
                        .await
                        .map_err(anyhow::Error::from)
                }
                .instrument(span)
            });
            started += 1;
        }
        started
    }
}

async fn run<S: Send + Sync + 'static>(
    name: &'static str,
    provider: &dyn Provider<S>,
    state: S,
    task: TaskContext,
) -> Result<(), Error> {
    let Some(work) = provider
        .as_runnable()
        .map(|runnable| runnable.run_with(state, task))
    else {
        return Ok(());
    };
    match work.await.map_err(|error| error.surfaced(Phase::Run, name)) {
        Err(error @ Error::Recoverable { .. }) => {
            tracing::warn!(%error, "the service goes on");
            Ok(())
        }
        result => result,
    }
}
