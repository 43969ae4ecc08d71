//! The long work of providers, as tasks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use crate::decl::RestartPolicy;
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

/// How often work that fails is started again, and how soon.
const MOST_RESTARTS: usize = 5;
const WITHIN: Duration = Duration::from_secs(60);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

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
    let mut restarts: VecDeque<Instant> = VecDeque::new();
    loop {
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
        let now = Instant::now();
        restarts.retain(|at| now - *at < WITHIN);
        if !is_wanted || task.shutdown.is_cancelled() || restarts.len() >= MOST_RESTARTS {
            return result;
        }
        let delay = FIRST_DELAY * 2_u32.saturating_pow(u32::try_from(restarts.len()).unwrap_or(31));
        let delay = delay.min(LONGEST_DELAY);
        restarts.push_back(now);
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
