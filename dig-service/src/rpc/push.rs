//! Server push: what a subscription is to a connection.
//!
//! A method marked `subscription` returns a stream. The call itself is answered with a number; from
//! then on each item of the stream is sent as a notification of the method's name, with that number.
//! The connection polls the stream, and only when there is room for what it gives: the stream's own
//! source is where things wait, or are lost, when a client is slow.

use std::fmt;
use std::pin::Pin;
#[cfg(feature = "http")]
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use futures_core::Stream;
use serde_json::Value;

use crate::error::guard;

/// The items of a subscription as the method's stream gives them.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<Value, JsonRpcError>> + Send>>;

/// What a connection offers to the calls that come over it.
pub(crate) trait Desk: fmt::Debug + Send + Sync {
    /// Whether streams are taken on for this call at all.
    fn can_open(&self) -> bool {
        true
    }

    /// Takes a stream on, and returns the number of the subscription. Nothing is sent before the call
    /// is answered.
    fn open(&self, method: &'static str, items: Items) -> Result<u64, JsonRpcError>;

    /// Ends a subscription of this connection, and returns whether there was one.
    fn close(&self, subscription: u64) -> bool;
}

/// The desk of a notification: it ends subscriptions and opens none, as nobody would be told the number.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct EndsOnly(pub(crate) Arc<dyn Desk>);

#[cfg(feature = "http")]
impl Desk for EndsOnly {
    fn can_open(&self) -> bool {
        false
    }

    fn open(&self, method: &'static str, _: Items) -> Result<u64, JsonRpcError> {
        Err(no_desk(method))
    }

    fn close(&self, subscription: u64) -> bool {
        self.0.close(subscription)
    }
}

/// What a call is told that cannot subscribe.
#[cold]
pub(crate) fn no_desk(method: &str) -> JsonRpcError {
    let what = format!("`{method}` is a subscription, which needs a WebSocket");
    JsonRpcError::new(ErrorCode::MethodNotFound, what)
}

/// A method's stream, guarded: an error is its last item, and a panic is an error.
pub(crate) struct Pushing {
    method: &'static str,
    /// `None` once it has ended.
    items: Option<Items>,
}

impl Pushing {
    pub(crate) const fn new(method: &'static str, items: Items) -> Self {
        Self {
            method,
            items: Some(items),
        }
    }

    /// Drops the user's stream; its destructor may panic.
    fn end(&mut self) {
        let items = self.items.take();
        if let Err(panic) = guard(|| drop(items)) {
            let method = self.method;
            tracing::error!(method, panic = panic.message(), "subscription panicked");
        }
    }
}

impl Stream for Pushing {
    type Item = Result<Value, JsonRpcError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(items) = &mut this.items else {
            return Poll::Ready(None);
        };
        let item = match guard(|| items.as_mut().poll_next(cx)) {
            Ok(polled) => ready!(polled),
            Err(panic) => {
                let method = this.method;
                tracing::error!(method, panic = panic.message(), "subscription panicked");
                let error = JsonRpcError::new(ErrorCode::InternalError, "internal error");
                Some(Err(error))
            }
        };
        if !matches!(item, Some(Ok(_))) {
            this.end();
        }
        Poll::Ready(item)
    }
}

impl Drop for Pushing {
    fn drop(&mut self) {
        self.end();
    }
}
