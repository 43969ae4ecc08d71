//! How children stand, for who looks.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::decl::{OnGiveUp, Readiness, RestartPolicy, Rules};
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;
use crate::supervisor::directory::Entry;

/// How all children of a supervisor stand at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TreeState {
    /// The sequence number of the latest event that is part of it: the events after it, applied to
    /// this state, give the present one. In a supervisor without a service, a number that grows.
    pub sequence: u64,
    /// The supervisor itself; its path is `/`.
    pub root: ChildStatus,
    /// Every child, those of nested supervisors included, in the order of declaration.
    pub children: Vec<ChildStatus>,
}

/// How one child stands at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChildStatus {
    /// Its name.
    pub name: Arc<str>,
    /// Its path: `/name`, or `/group/name`.
    pub path: Arc<str>,
    /// It is a supervisor itself.
    pub is_supervisor: bool,
    /// The words it was declared with.
    pub tags: Arc<[Arc<str>]>,
    /// Its phase.
    pub phase: ChildPhase,
    /// Which of its lives; 0 before the first.
    pub generation: u64,
    /// Which start within the generation; 0 before the first.
    pub attempt: u64,
    /// How often it was started.
    pub starts: u64,
    /// How often it failed: errors, panics, starts that took too long, hangs.
    pub failures: u64,
    /// How often it returned `Ok` unasked.
    pub completions: u64,
    /// How its latest attempt ended that has.
    pub last_exit: Option<ChildExit>,
    /// In how much time it is started again, if it waits for that.
    pub next_retry: Option<Duration>,
    /// How long ago it gave a sign of life, if the present attempt has.
    pub last_heartbeat: Option<Duration>,
    /// For how long the present attempt has been running, if there is one.
    pub uptime: Option<Duration>,
    /// It was aborted and does not end.
    pub is_stuck: bool,
    /// The paths of those it depends on.
    pub depends_on: Arc<[Arc<str>]>,
    /// How often it was started again within the window of its [limit](Self::restart_limit).
    pub restarts_in_window: u32,
    /// It is stopped to be started again.
    pub is_to_return: bool,
    /// The generation of its next start, if there is one.
    pub next_generation: u64,
    /// The number of the latest event about it; 0 if there was none.
    pub told_at: u64,
    has_readiness: bool,
    pub(super) rules: Arc<Rules>,
}

impl ChildStatus {
    /// Returns how often the child was started again, for whatever reason.
    #[must_use]
    pub const fn restarts(&self) -> u64 {
        self.starts.saturating_sub(1)
    }

    /// Returns how often it may be started again, within which window; `None` is without a limit.
    #[must_use]
    pub fn restart_limit(&self) -> Option<(u32, Duration)> {
        self.rules.intensity.limit()
    }

    /// Returns after which ends it is started again.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.rules.policy
    }

    /// Returns what follows when it was started again too often.
    #[must_use]
    pub fn on_give_up(&self) -> OnGiveUp {
        self.rules.on_give_up
    }

    /// Returns how long it may go without a sign of life, if that is limited.
    #[must_use]
    pub fn heartbeat_limit(&self) -> Option<Duration> {
        self.rules.heartbeat
    }

    /// Returns whether it says itself when it is ready.
    #[must_use]
    pub const fn says_when_ready(&self) -> bool {
        self.has_readiness
    }

    /// Returns whether it has been silent for longer than its limit.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let silence = self.last_heartbeat.or(self.uptime);
        let limit = self.heartbeat_limit();
        self.phase == ChildPhase::Running
            && limit
                .zip(silence)
                .is_some_and(|(limit, silence)| silence > limit)
    }

    pub(super) fn of(entry: &Entry, now: Instant) -> Self {
        let record = &entry.record;
        let is_running = matches!(
            record.phase,
            ChildPhase::Starting | ChildPhase::Running | ChildPhase::Stopping
        );
        let is_running = is_running || record.is_stuck;
        let since = |at: Instant| now.saturating_duration_since(at);
        let beat = entry.pulse.as_ref().and_then(|pulse| pulse.latest());
        Self {
            name: Arc::clone(&entry.name),
            path: Arc::clone(&entry.path),
            is_supervisor: entry.is_supervisor,
            tags: Arc::clone(&entry.tags),
            phase: record.phase,
            generation: record.generation,
            attempt: record.attempt,
            starts: record.starts,
            failures: record.failures,
            completions: record.completions,
            last_exit: record.last_exit.clone(),
            next_retry: record
                .next_retry
                .map(|at| at.saturating_duration_since(now)),
            last_heartbeat: beat.filter(|_| is_running).map(since),
            uptime: record.started_at.filter(|_| is_running).map(since),
            is_stuck: record.is_stuck,
            depends_on: Arc::clone(&entry.dependencies),
            restarts_in_window: in_window(entry, now),
            next_generation: record
                .returns_in
                .unwrap_or_else(|| record.generation + u64::from(record.is_fresh)),
            is_to_return: record.returns_in.is_some(),
            told_at: entry.told_at,
            has_readiness: matches!(entry.rules.readiness, Readiness::Explicit { .. }),
            rules: Arc::clone(&entry.rules),
        }
    }
}

fn in_window(entry: &Entry, now: Instant) -> u32 {
    let Some((_, window)) = entry.rules.intensity.limit() else {
        return 0;
    };
    let restarts = entry.record.restarted_at.iter();
    let recent = restarts.filter(|at| now.saturating_duration_since(**at) < window);
    u32::try_from(recent.count()).unwrap_or(u32::MAX)
}
