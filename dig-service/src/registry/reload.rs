//! Reloading in two phases: all prepare, then all apply.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;
use tokio::task_local;

use crate::error::guard;
use crate::registry::call::{RELOAD_LIMIT, call};
use crate::registry::listing::Entry;
use crate::registry::{Error, Phase, Registry, ReloadState, Result};
use crate::sync::Lock;

/// The name of the shared state in reports and errors.
const STATE: &str = "state";

task_local! {
    /// The registries whose reload the task is inside of.
    static IN_RELOAD: Vec<usize>;
}

/// What a reload came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadReport {
    /// How many reloads have succeeded, this one included. One that fails keeps it.
    pub generation: u64,
    /// What became of each, in order; the shared state is first, as `state`.
    pub outcomes: Vec<(&'static str, ReloadOutcome)>,
    /// Whether all had prepared, so that some have applied.
    pub has_applied: bool,
}

impl ReloadReport {
    /// Returns whether the reload failed midway, and not all who had applied could go back: some
    /// are on the new configuration, others on the old.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let is = |wanted| self.outcomes.iter().any(|(_, outcome)| *outcome == wanted);
        self.has_applied && (is(ReloadOutcome::Kept) || is(ReloadOutcome::Failed))
    }
}

/// What a reload did to one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReloadOutcome {
    /// It has taken in the change.
    Applied,
    /// It was not reached, and is as before.
    Untouched,
    /// It failed to prepare or to apply.
    Failed,
    /// It had taken in the change, and went back, as a later one failed.
    Reverted,
    /// It has taken in the change and cannot go back, although a later one failed.
    Kept,
}

impl ReloadOutcome {
    /// Returns the name used in logs and reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Untouched => "untouched",
            Self::Failed => "failed",
            Self::Reverted => "reverted",
            Self::Kept => "kept",
        }
    }
}

impl fmt::Display for ReloadOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// One reload at a time, and one more for all that ask meanwhile.
#[derive(Debug, Default)]
pub(super) struct Reloads {
    requested: AtomicU64,
    pass: Mutex<Pass>,
    generation: AtomicU64,
    last: Lock<Option<ReloadReport>>,
}

/// The last pass, and the last request that it answers.
#[derive(Debug, Default)]
struct Pass {
    answers: u64,
    result: Option<Result<ReloadReport>>,
}

impl<S: Send + Sync + 'static> Registry<S> {
    /// Reloads the shared state, then every [`Reloadable`](crate::registry::Reloadable), in two
    /// phases: all prepare, then all apply, in the order of the plan with their reload priorities.
    ///
    /// One reload runs at a time; who asks meanwhile is answered by one more that begins after it.
    /// `Ok` confirms that all have applied, and the generation has grown. What a failed one came to
    /// is in [`last_reload`](Self::last_reload).
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] inside the hook of a reload. The failures of a prepare, after which
    /// nothing has changed; or that of an apply, after which what was applied has been reverted in
    /// reverse where it can be, with the errors of that behind it. The generation stays.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropped while it applies, some providers have applied and others have not;
    /// the next reload brings them together.
    pub async fn reload_all(&self, state: &S) -> Result<ReloadReport>
    where
        S: ReloadState,
    {
        let inside = self.inside()?;
        let own = self.reloads.requested.fetch_add(1, Ordering::SeqCst) + 1;
        let mut pass = self.reloads.pass.lock().await;
        if let (true, Some(result)) = (pass.answers >= own, &pass.result) {
            return copy(result);
        }
        let answers = self.reloads.requested.load(Ordering::SeqCst);
        let result = IN_RELOAD.scope(inside, self.pass(state)).await;
        *pass = Pass {
            answers,
            result: Some(copy(&result)),
        };
        result
    }

    /// Reloads one provider: prepares it, then applies.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::NotReloadable`], [`Error::WouldDeadlock`] inside the hook of a
    /// reload, or the hook's own.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the hook may be dropped midway.
    pub async fn reload_one(&self, name: &str, state: &S) -> Result<()> {
        let inside = self.inside()?;
        let frozen = self.frozen()?;
        let Some(entry) = frozen.plan.in_order().find(|entry| entry.name == name) else {
            return Err(Error::Unknown {
                name: name.to_owned(),
            });
        };
        if !is_reloadable(entry) {
            return Err(Error::NotReloadable { name: entry.name });
        }
        let _one = self.reloads.pass.lock().await;
        let both = async {
            self.hook(entry, state, Hook::Prepare).await?;
            self.hook(entry, state, Hook::Apply).await
        };
        IN_RELOAD.scope(inside, both).await
    }

    /// Returns what the last [`reload_all`](Self::reload_all) came to, also if it failed.
    #[must_use]
    pub fn last_reload(&self) -> Option<ReloadReport> {
        self.reloads.last.lock().clone()
    }

    /// The registries that are reloaded with this one inside of them, or the refusal to wait for
    /// oneself.
    fn inside(&self) -> Result<Vec<usize>> {
        let own = std::ptr::from_ref(self).addr();
        let mut inside = IN_RELOAD.try_with(Vec::clone).unwrap_or_default();
        if inside.contains(&own) {
            return Err(Error::WouldDeadlock);
        }
        inside.push(own);
        Ok(inside)
    }

    async fn pass(&self, state: &S) -> Result<ReloadReport>
    where
        S: ReloadState,
    {
        let reloadable = self.ordered_by(|entry| entry.provider.as_reloadable()?.priority())?;
        let reloadable = reloadable
            .into_iter()
            .filter(|entry| is_reloadable(entry))
            .collect();
        let mut round = Round::new(self, state, reloadable);
        let prepared = round.prepare().await;
        let has_applied = prepared.is_ok();
        let result = match prepared {
            Ok(()) => round.apply().await,
            Err(error) => Err(error),
        };
        let succeeded = u64::from(result.is_ok());
        let before = self
            .reloads
            .generation
            .fetch_add(succeeded, Ordering::SeqCst);
        let report = ReloadReport {
            generation: before + succeeded,
            outcomes: round.outcomes,
            has_applied,
        };
        *self.reloads.last.lock() = Some(report.clone());
        result.map(|()| report)
    }

    async fn hook(&self, entry: &Entry<S>, state: &S, hook: Hook) -> Result<()> {
        let limit = guard(|| entry.provider.boot_timeout()).unwrap_or_default();
        let limit = Some(limit.unwrap_or(RELOAD_LIMIT));
        let make = || {
            let Some(reloadable) = entry.provider.as_reloadable() else {
                let name = entry.name;
                return Box::pin(async move { Err(Error::NotReloadable { name }) }) as _;
            };
            match hook {
                Hook::Prepare => reloadable.prepare(state),
                Hook::Apply => reloadable.reload(state),
                Hook::Revert => reloadable.revert(state),
            }
        };
        call(entry.name, Phase::Reload, limit, make).await
    }
}

#[derive(Clone, Copy)]
enum Hook {
    Prepare,
    Apply,
    Revert,
}

/// One reload of all.
struct Round<'a, S: Send + Sync + 'static> {
    registry: &'a Registry<S>,
    state: &'a S,
    entries: Vec<Arc<Entry<S>>>,
    /// The state's first.
    outcomes: Vec<(&'static str, ReloadOutcome)>,
}

impl<'a, S: ReloadState + Send + Sync + 'static> Round<'a, S> {
    fn new(registry: &'a Registry<S>, state: &'a S, entries: Vec<Arc<Entry<S>>>) -> Self {
        let names = std::iter::once(STATE).chain(entries.iter().map(|entry| entry.name));
        let outcomes = names.map(|name| (name, ReloadOutcome::Untouched)).collect();
        Self {
            registry,
            state,
            entries,
            outcomes,
        }
    }

    /// Calls a hook of the state (at 0), or of the provider before this place.
    async fn hook(&self, at: usize, hook: Hook) -> Result<()> {
        let Some(before) = at.checked_sub(1) else {
            let make = || match hook {
                Hook::Prepare => self.state.prepare(),
                Hook::Apply => self.state.reload(),
                Hook::Revert => self.state.revert(),
            };
            return call(STATE, Phase::Reload, Some(RELOAD_LIMIT), make).await;
        };
        self.registry
            .hook(&self.entries[before], self.state, hook)
            .await
    }

    /// All are asked, so that all failures are known.
    async fn prepare(&mut self) -> Result<()> {
        let mut errors = Vec::new();
        for at in 0..self.outcomes.len() {
            if let Err(error) = self.hook(at, Hook::Prepare).await {
                self.outcomes[at].1 = ReloadOutcome::Failed;
                errors.push(error);
            }
        }
        Error::all(errors)
    }

    async fn apply(&mut self) -> Result<()> {
        for at in 0..self.outcomes.len() {
            if let Err(error) = self.hook(at, Hook::Apply).await {
                self.outcomes[at].1 = ReloadOutcome::Failed;
                let mut errors = vec![error];
                self.revert(at, &mut errors).await;
                return Error::all(errors);
            }
            self.outcomes[at].1 = ReloadOutcome::Applied;
        }
        Ok(())
    }

    /// Takes back those before `failed`, the last first.
    async fn revert(&mut self, failed: usize, errors: &mut Vec<Error>) {
        for at in (0..failed).rev() {
            self.outcomes[at].1 = match self.hook(at, Hook::Revert).await {
                Ok(()) => ReloadOutcome::Reverted,
                Err(Error::Unsupported) => ReloadOutcome::Kept,
                Err(error) => {
                    errors.push(error);
                    ReloadOutcome::Kept
                }
            };
        }
    }
}

fn is_reloadable<S: Send + Sync + 'static>(entry: &Entry<S>) -> bool {
    guard(|| entry.provider.as_reloadable().is_some()).unwrap_or(false)
}

fn copy(result: &Result<ReloadReport>) -> Result<ReloadReport> {
    match result {
        Ok(report) => Ok(report.clone()),
        Err(error) => Err(error.copy()),
    }
}
