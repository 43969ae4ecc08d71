//! How often and how long a task was polled.

#![expect(
    clippy::disallowed_types,
    reason = "a poll takes real time, which a paused test clock does not show"
)]

use std::time::{Duration, Instant};

use crate::clock;
use crate::tasks::core::{Core, SlotKey};

/// How a task was polled so far; see [`TaskOptions::time_polls`](crate::TaskOptions::time_polls).
///
/// A poll that takes long keeps a worker of the runtime from all other tasks. What is usual is far
/// below a millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollStats {
    /// Polls that are over.
    pub polls: u64,
    /// The longest of them.
    pub longest: Duration,
    /// The last of them.
    pub last: Duration,
    /// How long the poll under way has taken by now; `None` if the task waits.
    pub running: Option<Duration>,
}

/// The figures as they are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Polls {
    so_far: PollStats,
    began: Option<Instant>,
}

impl Polls {
    pub(super) fn begin(&mut self) {
        self.began = Some(clock::precise());
    }

    pub(super) fn end(&mut self) {
        if let Some(began) = self.began.take() {
            let took = began.elapsed();
            self.so_far.polls += 1;
            self.so_far.longest = self.so_far.longest.max(took);
            self.so_far.last = took;
        }
    }

    pub(super) fn stats(&self) -> PollStats {
        PollStats {
            running: self.began.map(|began| began.elapsed()),
            ..self.so_far
        }
    }
}

impl Core {
    pub(super) fn poll_begins(&self, key: SlotKey) {
        self.poll(key, Polls::begin);
    }

    pub(super) fn poll_ends(&self, key: SlotKey) {
        self.poll(key, Polls::end);
    }

    fn poll(&self, key: SlotKey, change: impl FnOnce(&mut Polls)) {
        let mut own = self.shard(key).own();
        let record = own.tasks.get_mut(key.slot as usize);
        if let Some(polls) = record.and_then(|record| record.rare().polls.as_mut()) {
            change(polls);
        }
    }
}
