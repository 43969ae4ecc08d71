//! Booting level by level, and taking back what booted when it fails.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::error::guard;
use crate::event::ProviderChange;
use crate::registry::call::{call, tell};
use crate::registry::listing::{Entry, Plan};
use crate::registry::{BootContext, Error, Phase, Registry, Result};
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::tasks::TaskRegistry;

/// How many boot side by side.
const AT_ONCE: usize = 16;

/// How long those in flight may go on after a sibling has failed or a stop was requested.
const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// What a boot happens in.
pub(crate) struct Around<'a> {
    pub(crate) shutdown: &'a ShutdownToken,
    pub(crate) tasks: &'a TaskRegistry,
    /// How long those in flight may go on after a stop was requested.
    pub(crate) cancel_grace: Duration,
}

type Booting<'a, S> = Pin<Box<dyn Future<Output = (Arc<Entry<S>>, Result<()>)> + Send + 'a>>;

impl<S: Send + Sync + 'static> Registry<S> {
    /// Boots all providers, level by level.
    ///
    /// `Ok` confirms that all are ready. One that booted before, and was not shut down since, is
    /// left alone. Waits for a boot or a shutdown of this registry that is under way: a hook of
    /// theirs must not wait for this.
    ///
    /// # Errors
    ///
    /// [`Error::MissingDependency`] and [`Error::Cycle`] before any hook. Otherwise the first
    /// failure: those beside it are told to end and waited for, two seconds at most; what has
    /// booted is shut down in reverse, and errors of all these come behind it in [`Error::Many`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: when dropped midway, call [`shutdown_all`](Self::shutdown_all), which
    /// knows what has booted.
    pub async fn boot_all(&self, state: &S) -> Result<()> {
        let shutdown = ShutdownToken::new();
        let tasks = TaskRegistry::new(shutdown.clone());
        let around = Around {
            shutdown: &shutdown,
            tasks: &tasks,
            cancel_grace: CANCEL_GRACE,
        };
        let booted = self.boot_in(state, &around).await;
        let Err(error) = booted else { return Ok(()) };
        let mut errors = error.apart();
        errors.extend(
            self.shutdown_all(state)
                .await
                .err()
                .into_iter()
                .flat_map(Error::apart),
        );
        Error::all(errors)
    }

    /// Boots, and leaves what has booted to [`shutdown_all`](Self::shutdown_all) if that fails.
    pub(crate) async fn boot_in(&self, state: &S, around: &Around<'_>) -> Result<()> {
        let plan = &self.frozen()?.plan;
        let _one = self.order.lock().await;
        let mut started = Vec::new();
        for level in &plan.levels {
            if let Err(error) = self
                .boot_level(state, plan, level, around, &mut started)
                .await
            {
                let never = plan.in_order().map(|entry| entry.name);
                let never: Vec<_> = never.filter(|name| !started.contains(name)).collect();
                tracing::error!(%error, never_started = ?never, "providers do not boot");
                return Err(error);
            }
        }
        Ok(())
    }

    async fn boot_level(
        &self,
        state: &S,
        plan: &Plan<S>,
        level: &[Arc<Entry<S>>],
        around: &Around<'_>,
        started: &mut Vec<&'static str>,
    ) -> Result<()> {
        let cancel = around.shutdown.child_token();
        let mut waiting: VecDeque<_> = level
            .iter()
            .filter(|entry| !self.has_booted(entry))
            .collect();
        let mut in_flight: Vec<Booting<'_, S>> = Vec::new();
        let mut errors: Vec<Error> = Vec::new();
        loop {
            while errors.is_empty() && !cancel.is_cancelled() && in_flight.len() < AT_ONCE {
                let Some(entry) = waiting.pop_front() else {
                    break;
                };
                started.push(entry.name);
                in_flight.push(Box::pin(self.boot_one(state, plan, entry, &cancel, around)));
            }
            if in_flight.is_empty() {
                break;
            }
            let ended = tokio::select! {
                biased;
                ended = first(&mut in_flight) => Some(ended),
                () = cancel.cancelled() => None,
            };
            match ended {
                Some((entry, Ok(()))) => self.booted.lock().push(entry),
                Some((_, Err(error))) => errors.push(error),
                None => {}
            }
            if !errors.is_empty() || cancel.is_cancelled() {
                cancel.cancel(ShutdownReason::RequestedByRun);
                self.wind_up(in_flight, &mut errors, around.cancel_grace)
                    .await;
                break;
            }
        }
        Error::all(errors)?;
        match level.iter().find(|entry| !self.has_booted(entry)) {
            None => Ok(()),
            Some(entry) => Err(Error::Cancelled { name: entry.name }),
        }
    }

    /// Waits for those in flight, which were told to end.
    async fn wind_up(
        &self,
        mut in_flight: Vec<Booting<'_, S>>,
        errors: &mut Vec<Error>,
        grace: Duration,
    ) {
        let all = async {
            while !in_flight.is_empty() {
                match first(&mut in_flight).await {
                    (entry, Ok(())) => self.booted.lock().push(entry),
                    (_, Err(error)) => errors.push(error),
                }
            }
        };
        if tokio::time::timeout(grace, all).await.is_err() {
            tracing::warn!("boot hooks that do not end are dropped");
        }
        // Their destructors are user code.
        let _ = guard(|| drop(in_flight));
    }

    async fn boot_one<'a>(
        &'a self,
        state: &'a S,
        plan: &'a Plan<S>,
        entry: &'a Arc<Entry<S>>,
        cancel: &'a ShutdownToken,
        around: &'a Around<'_>,
    ) -> (Arc<Entry<S>>, Result<()>) {
        let context = BootContext {
            name: entry.name,
            state,
            registry: self,
            declared: plan.declared.get(&entry.id()),
            shutdown: cancel.child_token(),
            tasks: around.tasks,
        };
        let limit = guard(|| entry.provider.boot_timeout()).unwrap_or_default();
        let boot = || entry.provider.boot_with(&context);
        tell(around.tasks, entry.name, ProviderChange::Booting);
        let result = call(entry.name, Phase::Boot, limit, boot).await;
        let change = match &result {
            Ok(()) => ProviderChange::Ready,
            Err(error) => ProviderChange::BootFailed {
                error: error.to_string().into(),
            },
        };
        tell(around.tasks, entry.name, change);
        (Arc::clone(entry), result)
    }

    fn has_booted(&self, entry: &Entry<S>) -> bool {
        self.booted
            .lock()
            .iter()
            .any(|booted| booted.id() == entry.id())
    }

    /// Asks all providers whether they fit together; all failures are collected.
    ///
    /// # Errors
    ///
    /// The failure, or [`Error::Many`] in the order of the plan; and what the plan itself lacks.
    pub fn validate_all(&self, state: &S) -> Result<()> {
        let errors = self.frozen()?.plan.in_order().filter_map(|entry| {
            let (name, phase) = (entry.name, Phase::Validate);
            match guard(|| entry.provider.validate(state)) {
                Ok(result) => result.map_err(|error| error.surfaced(phase, name)).err(),
                Err(panic) => Some(Error::Panicked { name, phase, panic }),
            }
        });
        Error::all(errors.collect())
    }
}

/// Waits for the first of some futures, and takes it out.
async fn first<T>(futures: &mut Vec<Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> T {
    poll_fn(|cx| {
        for at in 0..futures.len() {
            if let Poll::Ready(value) = futures[at].as_mut().poll(cx) {
                drop(futures.remove(at));
                return Poll::Ready(value);
            }
        }
        Poll::Pending
    })
    .await
}
