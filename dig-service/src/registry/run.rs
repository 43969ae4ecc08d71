//! The long work of providers, as tasks.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::Instrument;

use crate::decl::{Backoff, Intensity, Jitter, RestartPolicy, Restarts};
use crate::error::{Guarded, guard};
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

/// Runs the work, and again as its policy says, until a stop is requested.
async fn run<S: Clone + Send + Sync + 'static>(
    name: &'static str,
    provider: &dyn Provider<S>,
    state: S,
    task: TaskContext,
) -> Result<(), Error> {
    let Some(runnable) = provider.as_runnable() else {
        return Ok(());
    };
    let policy = runnable.restart_policy();
    let (backoff, mut jitter) = (Backoff::default(), Jitter::random());
    let mut restarts = Restarts::default();
    // Starts again in a row, after none of which the work ran for long.
    let mut in_a_row = 0;
    loop {
        let began = Instant::now();
        let work = Guarded::new(|| runnable.run_with(state.clone(), task.clone())).await;
        let result = match work {
            Ok(result) => result.map_err(|error| error.surfaced(Phase::Run, name)),
            Err(panic) => Err(Error::Panicked {
                name,
                phase: Phase::Run,
                panic,
            }),
        };
        if let Err(error @ Error::Recoverable { .. }) = &result {
            tracing::warn!(%error, "the service goes on");
            return Ok(());
        }
        let is_wanted = match policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => result.is_err(),
            RestartPolicy::Never => false,
        };
        let is_wanted = is_wanted && !task.shutdown.is_cancelled();
        if !is_wanted || !restarts.admit(Intensity::default(), Instant::now()) {
            return result;
        }
        in_a_row = if began.elapsed() >= backoff.stable_for() {
            1
        } else {
            in_a_row + 1
        };
        let delay = backoff.delay(in_a_row, &mut jitter);
        task.tasks.report_restart(name, delay);
        match &result {
            Ok(()) => tracing::info!(?delay, "work ended; it starts again"),
            Err(error) => tracing::warn!(%error, ?delay, "work failed; it starts again"),
        }
        tokio::select! {
            biased;
            () = task.shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(delay) => {}
        }
    }
}
