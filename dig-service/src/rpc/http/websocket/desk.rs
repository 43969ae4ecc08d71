//! The subscriptions of one connection.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use futures_util::Stream;
use futures_util::stream::{AbortHandle, Abortable};
use serde_json::Value;

use crate::rpc::push::{Desk, Items, Pushing};
use crate::sync::Lock;

/// What the calls of a connection share.
#[derive(Debug)]
pub(super) struct Roster {
    active: Lock<HashMap<u64, AbortHandle>>,
    last: AtomicU64,
    limit: usize,
}

/// What one message of a connection is given: its subscriptions wait here until it is answered.
pub(super) struct MessageDesk {
    roster: Arc<Roster>,
    /// `None` once the message was answered: there is no more to open.
    opened: Lock<Option<Vec<Subscription>>>,
}

/// A stream on its way to the client.
pub(super) struct Subscription {
    pub(super) seat: Seat,
    pub(super) method: &'static str,
    items: Abortable<Pushing>,
    is_over: bool,
}

/// A place on the roster, given back when it is dropped.
pub(super) struct Seat {
    pub(super) number: u64,
    roster: Arc<Roster>,
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
        let (handle, registration) = AbortHandle::new_pair();
        let seat = {
            let mut active = self.roster.active.lock();
            if active.len() >= self.roster.limit {
                let what = "too many subscriptions on this connection";
                return Err(JsonRpcError::new(ErrorCode::RateLimited, what));
            }
            // Numbers are handed out under the lock of the roster alone.
            let number = self.roster.last.fetch_add(1, Ordering::Relaxed) + 1;
            active.insert(number, handle);
            Seat {
                number,
                roster: Arc::clone(&self.roster),
            }
        };
        let number = seat.number;
        let mut opened = self.opened.lock();
        let Some(opened) = &mut *opened else {
            let what = "the call that could subscribe has ended";
            return Err(JsonRpcError::new(ErrorCode::InternalError, what));
        };
        opened.push(Subscription {
            seat,
            method,
            items: Abortable::new(Pushing::new(method, items), registration),
            is_over: false,
        });
        Ok(number)
    }

    fn close(&self, subscription: u64) -> bool {
        let handle = self.roster.active.lock().remove(&subscription);
        handle.map(|handle| handle.abort()).is_some()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.roster.active.lock().remove(&self.number);
    }
}

impl Subscription {
    /// Whether the client has ended it.
    pub(super) fn is_left(&self) -> bool {
        self.items.is_aborted()
    }
}

impl Stream for Subscription {
    type Item = Said;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Said>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let item = ready!(Pin::new(&mut self.items).poll_next(cx));
        // INV-P3: an abort is the client's own doing, which was answered.
        if self.items.is_aborted() {
            return Poll::Ready(None);
        }
        let what = match item {
            Some(Ok(value)) => What::Item(value),
            Some(Err(error)) => What::End(Some(error)),
            None => What::End(None),
        };
        self.is_over = matches!(what, What::End(_));
        Poll::Ready(Some(Said {
            number: self.seat.number,
            method: self.method,
            what,
        }))
    }
}
