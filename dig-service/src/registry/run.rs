//! The long work of providers, as tasks.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::Instrument;

use crate::decl::{Backoff, Intensity, Jitter, RestartPolicy, Restarts};
use crate::error::{Guarded, Panicked, guard};
use crate::registry::listing::Entry;
use crate::registry::{Error, Phase, Provider, Registry, TaskFuture};
use crate::tasks::{TaskContext, TaskKind, TaskOptions, TaskRegistry};

/// The long work of one provider.
pub(crate) struct Runner {
    pub(crate) name: &'static str,
    pub(crate) policy: RestartPolicy,
    pub(crate) work: Arc<dyn Fn(TaskContext) -> TaskFuture + Send + Sync>,
}

impl Runner {
    /// The work of a provider that could not even be asked for it.
    fn broken(name: &'static str, panic: Panicked) -> Self {
        let phase = Phase::Run;
        let work = move |_| -> TaskFuture {
            let panic = panic.clone();
            Box::pin(std::future::ready(Err(Error::Panicked {
                name,
                phase,
                panic,
            })))
        };
        Self {
            name,
            policy: RestartPolicy::Never,
            work: Arc::new(work),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Registry<S> {
    /// Starts the work of every [`Runnable`](crate::registry::Runnable) as a task, those of lower
    /// run priority first, in a span `provider{provider}`; returns how many. Under a service each
    /// becomes a supervised child instead, and this is not called.
    ///
    /// The tasks are critical: an error that is not recoverable, and a panic, fire the token of
    /// `tasks` with `Fatal` and the provider's name. `Ok` ends the task only.
    pub fn run_all(&self, state: S, tasks: &TaskRegistry) -> usize {
        let runners = self.runners(&state);
        let started = runners.len();
        for runner in runners {
            let name = runner.name;
            let span = tracing::info_span!("provider", provider = name);
            let options = TaskOptions::new(TaskKind::BackgroundLoop)
                .critical()
                .may_finish();
            tasks.spawn_with(name, options, move |task| {
                async move { run(runner, task).await.map_err(anyhow::Error::from) }.instrument(span)
            });
        }
        started
    }

    /// The long work of all, that of lower run priority first.
    pub(crate) fn runners(&self, state: &S) -> Vec<Runner> {
        let ordered = self.ordered_by(|entry| entry.provider.run_priority());
        let runner = |entry: Arc<Entry<S>>| {
            let policy = guard(|| Some(entry.provider.as_runnable()?.restart_policy()));
            let (name, state) = (entry.name, state.clone());
            let policy = match policy {
                Ok(policy) => policy,
                Err(panic) => return Some(Runner::broken(name, panic)),
            };
            Some(Runner {
                name,
                policy: policy?,
                work: Arc::new(move |task| {
                    let work = work(&*entry.provider, &state, task);
                    Box::pin(async move { work.await.map_err(|e| e.surfaced(Phase::Run, name)) })
                }),
            })
        };
        ordered.into_iter().flatten().filter_map(runner).collect()
    }
}

fn work<S: Clone + Send + Sync + 'static>(
    provider: &dyn Provider<S>,
    state: &S,
    task: TaskContext,
) -> TaskFuture {
    match provider.as_runnable() {
        Some(runnable) => runnable.run_with(state.clone(), task),
        None => Box::pin(std::future::ready(Ok(()))),
    }
}

/// Runs the work, and again as its policy says, until a stop is requested.
async fn run(runner: Runner, task: TaskContext) -> Result<(), Error> {
    let Runner { name, policy, work } = runner;
    let (backoff, mut jitter) = (Backoff::default(), Jitter::random());
    let mut restarts = Restarts::default();
    // Starts again in a row, after none of which the work ran for long.
    let mut in_a_row = 0;
    loop {
        let began = Instant::now();
        let result = Guarded::new(|| work(task.clone())).await;
        let result = match result {
            Ok(result) => result,
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
