//! Where events are written.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::broadcast;

use crate::event::{Digest, Event, EventKind, EventSubscription};
use crate::sync::Lock;

/// How many events are kept.
const KEPT: usize = 1024;
/// How far a subscriber may fall behind before it loses events.
const BEHIND: usize = 256;

/// A ring of past events and a broadcast of present ones; clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ring: Lock<Ring>,
    live: broadcast::Sender<Event>,
}

#[derive(Debug, Default)]
struct Ring {
    sequence: u64,
    events: VecDeque<Event>,
    digest: Digest,
    /// The command that everything follows from which has no cause of its own.
    cause: Option<Arc<str>>,
}

/// The journal at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The number of the latest event.
    pub(crate) sequence: u64,
    /// What all events up to there add up to.
    pub(crate) digest: Digest,
    /// The latest of them, the oldest first.
    #[cfg_attr(
        not(all(unix, feature = "dashboard")),
        expect(dead_code, reason = "read by the dashboard")
    )]
    pub(crate) recent: Vec<Event>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        let (live, _) = broadcast::channel(BEHIND);
        Self {
            inner: Arc::new(Inner {
                ring: Lock::default(),
                live,
            }),
        }
    }

    /// Writes an event, and returns its sequence number. Never waits for a reader.
    pub(crate) fn record(&self, kind: EventKind) -> u64 {
        self.record_caused(kind, None)
    }

    /// Writes an event that follows from a command.
    pub(crate) fn record_caused(&self, kind: EventKind, cause: Option<Arc<str>>) -> u64 {
        let mut ring = self.inner.ring.lock();
        ring.sequence += 1;
        ring.digest.apply(&kind);
        let event = Event {
            sequence: ring.sequence,
            at: SystemTime::now(),
            correlation: cause.or_else(|| ring.cause.clone()),
            reloads: ring.digest.reloads.succeeded,
            kind,
        };
        if ring.events.len() == KEPT {
            ring.events.pop_front();
        }
        ring.events.push_back(event.clone());
        // Under the lock, so that the broadcast has the ring's order. An error means no reader.
        let _ = self.inner.live.send(event);
        ring.sequence
    }

    /// From now on, what has no other cause follows from this command: the first one stays.
    pub(crate) fn set_cause(&self, cause: Arc<str>) {
        self.inner.ring.lock().cause.get_or_insert(cause);
    }

    /// Reads what the events so far add up to, and the latest of them, as far as they come after
    /// `known`.
    pub(crate) fn read(&self, recent: usize, known: u64) -> Reading {
        let ring = self.inner.ring.lock();
        let new = usize::try_from(ring.sequence.saturating_sub(known)).unwrap_or(usize::MAX);
        let skipped = ring.events.len().saturating_sub(recent.min(new));
        Reading {
            sequence: ring.sequence,
            digest: ring.digest.clone(),
            recent: ring.events.iter().skip(skipped).cloned().collect(),
        }
    }

    /// Reads what the ring holds after `sequence`, then everything that comes.
    pub(crate) fn subscribe_after(&self, sequence: u64) -> EventSubscription {
        let ring = self.inner.ring.lock();
        let past: VecDeque<_> = ring
            .events
            .iter()
            .filter(|e| e.sequence > sequence)
            .cloned()
            .collect();
        let first = past
            .front()
            .map_or(ring.sequence + 1, |event| event.sequence);
        let forgotten = first.saturating_sub(sequence.saturating_add(1));
        EventSubscription::new(past, forgotten, sequence, self.inner.live.subscribe())
    }

    /// Reads everything that comes from now on.
    pub(crate) fn subscribe(&self) -> EventSubscription {
        let ring = self.inner.ring.lock();
        debug_assert!(ring.events.len() <= KEPT);
        EventSubscription::new(VecDeque::new(), 0, 0, self.inner.live.subscribe())
    }
}

#[cfg(test)]
mod tests;
