//! The subscriptions of one connection.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker, ready};

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use futures_util::Stream;
use serde_json::Value;

use crate::rpc::push::{Desk, Items, Pushing};
use crate::sync::Lock;

/// What the calls of a connection share.
#[derive(Debug)]
pub(super) struct Roster {
    active: Lock<HashMap<u64, Arc<Source>>>,
    last: AtomicU64,
    limit: usize,
}

/// What one message of a connection is given: its subscriptions wait here until it is answered.
pub(super) struct MessageDesk {
    roster: Arc<Roster>,
    /// `None` once the message was answered: there is no more to open.
    opened: Lock<Option<Vec<Subscription>>>,
}

/// A stream on its way to the client. It is on the roster until it ends, is ended, or is dropped.
pub(super) struct Subscription {
    pub(super) number: u64,
    pub(super) method: &'static str,
    source: Arc<Source>,
    roster: Arc<Roster>,
}

/// Where a stream comes from; the client's call drops it there, wherever the subscription is kept.
struct Source(Lock<Flow>);

struct Flow {
    /// `None` while it is polled, and once it has ended.
    items: Option<Pushing>,
    /// Whoever waits for the next item.
    waker: Option<Waker>,
    /// Whether the client has ended it.
    is_left: bool,
}

/// What a subscription has to say.
pub(super) struct Said {
    pub(super) number: u64,
    pub(super) method: &'static str,
    pub(super) what: What,
}

/// An item, or the end and its reason.
pub(super) enum What {
    Item(Value),
    End(Option<JsonRpcError>),
}

impl Roster {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            active: Lock::default(),
            last: AtomicU64::new(0),
            limit,
        })
    }

    /// Gives a stream its number, if there is room.
    fn enter(&self, source: &Arc<Source>) -> Result<u64, JsonRpcError> {
        let mut active = self.active.lock();
        if active.len() >= self.limit {
            let what = "too many subscriptions on this connection";
            return Err(JsonRpcError::new(ErrorCode::RateLimited, what));
        }
        // Numbers are handed out under the lock of the roster alone.
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        active.insert(number, Arc::clone(source));
        Ok(number)
    }

    fn leave(&self, number: u64) -> Option<Arc<Source>> {
        self.active.lock().remove(&number)
    }
}

impl MessageDesk {
    pub(super) fn new(roster: &Arc<Roster>) -> Arc<Self> {
        Arc::new(Self {
            roster: Arc::clone(roster),
            opened: Lock::from(Some(Vec::new())),
        })
    }

    /// Returns what was opened while the message was worked on.
    pub(super) fn take_opened(&self) -> Vec<Subscription> {
        self.opened.lock().take().unwrap_or_default()
    }
}

impl fmt::Debug for MessageDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageDesk")
            .field("roster", &self.roster)
            .finish_non_exhaustive()
    }
}

impl Desk for MessageDesk {
    fn open(&self, method: &'static str, items: Items) -> Result<u64, JsonRpcError> {
        let source = Arc::new(Source::new(Pushing::new(method, items)));
        let number = self.roster.enter(&source)?;
        let subscription = Subscription {
            number,
            method,
            source,
            roster: Arc::clone(&self.roster),
        };
        let mut opened = self.opened.lock();
        let Some(opened) = &mut *opened else {
            let what = "the call that could subscribe has ended";
            return Err(JsonRpcError::new(ErrorCode::InternalError, what));
        };
        opened.push(subscription);
        Ok(number)
    }

    fn close(&self, subscription: u64) -> bool {
        let source = self.roster.leave(subscription);
        source.map(|source| source.end()).is_some()
    }
}

impl Source {
    fn new(items: Pushing) -> Self {
        Self(Lock::from(Flow {
            items: Some(items),
            waker: None,
            is_left: false,
        }))
    }

    /// Ends it for the client: the user's stream is dropped, or will be by who is polling it now.
    fn end(&self) {
        let (items, waker) = {
            let mut flow = self.0.lock();
            flow.is_left = true;
            (flow.items.take(), flow.waker.take())
        };
        // User code: not under the lock.
        drop(items);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Polls the stream. `None` if there is nothing to say: it has ended, and whoever cares knows.
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<What>> {
        let items = self.0.lock().items.take();
        let Some(mut items) = items else {
            return Poll::Ready(None);
        };
        // User code: not under the lock.
        let polled = Pin::new(&mut items).poll_next(cx);
        let mut flow = self.0.lock();
        // INV-P3: it is the client's own doing, which was answered.
        if flow.is_left {
            return Poll::Ready(None);
        }
        if polled.is_pending() {
            flow.waker = Some(cx.waker().clone());
        }
        if !matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            flow.items = Some(items);
        }
        polled.map(|item| {
            Some(match item {
                Some(Ok(value)) => What::Item(value),
                Some(Err(error)) => What::End(Some(error)),
                None => What::End(None),
            })
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl Subscription {
    /// Whether the client has ended it.
    pub(super) fn is_left(&self) -> bool {
        self.source.0.lock().is_left
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.roster.leave(self.number);
    }
}

impl Stream for Subscription {
    type Item = Said;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Said>> {
        let Some(what) = ready!(self.source.poll(cx)) else {
            return Poll::Ready(None);
        };
        // Whoever hears of the end may subscribe again at once.
        if matches!(what, What::End(_)) {
            self.roster.leave(self.number);
        }
        Poll::Ready(Some(Said {
            number: self.number,
            method: self.method,
            what,
        }))
    }
}
