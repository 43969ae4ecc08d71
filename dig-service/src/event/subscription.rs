//! Where events are read.

use std::collections::VecDeque;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::event::Event;

/// Some events were lost, because the reader was too slow or asked for what is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{dropped} events were dropped")]
#[non_exhaustive]
pub struct Lagged {
    /// How many.
    pub dropped: u64,
}

/// A reader of a service's journal.
#[derive(Debug)]
pub struct EventSubscription {
    past: VecDeque<Event>,
    forgotten: u64,
    /// Events up to here are not wanted, even if they are to come.
    after: u64,
    live: broadcast::Receiver<Event>,
}

impl EventSubscription {
    pub(crate) const fn new(
        past: VecDeque<Event>,
        forgotten: u64,
        after: u64,
        live: broadcast::Receiver<Event>,
    ) -> Self {
        Self {
            past,
            forgotten,
            after,
            live,
        }
    }

    /// Waits for the next event; `None` once the service and all its handles are gone.
    ///
    /// # Errors
    ///
    /// [`Lagged`] with the number of events that were lost; the next call goes on after them.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Result<Event, Lagged>> {
        if let Some(dropped) = std::num::NonZeroU64::new(std::mem::take(&mut self.forgotten)) {
            return Some(Err(Lagged {
                dropped: dropped.get(),
            }));
        }
        if let Some(event) = self.past.pop_front() {
            return Some(Ok(event));
        }
        loop {
            return match self.live.recv().await {
                Ok(event) if event.sequence <= self.after => continue,
                Ok(event) => Some(Ok(event)),
                Err(RecvError::Lagged(dropped)) => Some(Err(Lagged { dropped })),
                Err(RecvError::Closed) => None,
            };
        }
    }
}
