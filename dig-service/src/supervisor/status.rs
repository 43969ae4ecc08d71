//! How children stand, for who looks.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

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
}

impl ChildStatus {
    /// Returns how often the child was started again, for whatever reason.
    #[must_use]
    pub const fn restarts(&self) -> u64 {
        self.starts.saturating_sub(1)
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
        }
    }
}
