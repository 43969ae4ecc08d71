//! What the handle asks of the driver.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use dig_rpc_types::envelope::JsonRpcError;
use futures_core::Stream;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::rpc::client::{Answer, OutgoingCall, PushError, TransportError};
use crate::sync::Lock;

/// Who waits for what the driver has to tell.
pub(super) type Asked<T> = oneshot::Sender<Result<T, TransportError>>;

/// One thing to do.
pub(super) enum Command {
    Call {
        id: u64,
        message: Vec<u8>,
        told: Asked<Answer>,
    },
    Notify {
        message: Vec<u8>,
        told: Asked<()>,
    },
    Batch {
        first: u64,
        calls: Vec<OutgoingCall>,
        message: Vec<u8>,
        told: Asked<Vec<Answer>>,
    },
    Subscribe {
        id: u64,
        unsubscribe: String,
        message: Vec<u8>,
        told: Asked<Result<Taken, JsonRpcError>>,
    },
}

/// Subscriptions that nobody listens to any more, for the driver to end.
#[derive(Debug, Default)]
pub(super) struct Hangup {
    left: Lock<Vec<Left>>,
    nudge: Notify,
}

/// A subscription that nobody listens to any more.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// The server's name for it, as JSON.
    pub(super) key: String,
    /// Which one of that name.
    pub(super) serial: u64,
}

/// The items of a subscription, from the driver. Dropping it ends the subscription.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) left: Left,
    pub(super) items: mpsc::Receiver<Result<Value, PushError>>,
    pub(super) hangup: Arc<Hangup>,
}

impl Hangup {
    /// Waits until there is one, and takes all.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: they stay until they are taken.
    pub(super) async fn taken(&self) -> Vec<Left> {
        loop {
            let nudged = self.nudge.notified();
            let left = std::mem::take(&mut *self.left.lock());
            if !left.is_empty() {
                return left;
            }
            nudged.await;
        }
    }
}

impl Stream for Taken {
    type Item = Result<Value, PushError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.poll_recv(cx)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.hangup.left.lock().push(std::mem::take(&mut self.left));
        self.hangup.nudge.notify_one();
    }
}
