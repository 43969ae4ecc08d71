//! Where events are written.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::broadcast;

use crate::event::{Event, EventKind, EventSubscription};
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
        let mut ring = self.inner.ring.lock();
        ring.sequence += 1;
        let event = Event {
            sequence: ring.sequence,
            at: SystemTime::now(),
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
