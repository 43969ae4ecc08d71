//! Who waits for which answer, and who takes which items.

use std::collections::HashMap;
use std::sync::Arc;

use dig_rpc_types::envelope::{JsonRpcError, JsonRpcResponse, JsonRpcResponseBody, RequestId};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::command::{Asked, Hangup, Left, Taken};
use super::incoming::{self, About, Incoming, Item};
use crate::rpc::client::message::{self, malformed};
use crate::rpc::client::{Answer, OutgoingCall, PushError, TransportError};

/// From how many on those are looked for who have given up.
const SWEEP: usize = 64;

/// What the driver has promised (INV-P5).
pub(super) struct Waiting {
    /// By the id of their call; that of the first in a batch.
    askers: HashMap<u64, Asker>,
    subscriptions: HashMap<String, Taker>,
    /// Tells subscriptions apart to which the server gives the same name, one after the other.
    last_serial: u64,
    /// The id that was next when a notification was sent, until a call behind it is answered.
    notified: Option<u64>,
    hangup: Arc<Hangup>,
    items: usize,
    sweep_at: usize,
}

/// Who waits for the answer to a message.
pub(super) enum Asker {
    Call(Asked<Answer>),
    Subscribe {
        unsubscribe: String,
        told: Asked<Result<Taken, JsonRpcError>>,
    },
    Batch {
        calls: Vec<OutgoingCall>,
        told: Asked<Vec<Answer>>,
    },
}

/// Where the items of a subscription go.
struct Taker {
    serial: u64,
    unsubscribe: String,
    items: mpsc::Sender<Result<Value, PushError>>,
}

/// What is to be done about a message.
pub(super) enum Next {
    Nothing,
    /// Tell the server that a subscription is over.
    Unsubscribe {
        method: String,
        key: String,
    },
}

impl Waiting {
    pub(super) fn new(hangup: Arc<Hangup>, items: usize) -> Self {
        Self {
            askers: HashMap::new(),
            subscriptions: HashMap::new(),
            last_serial: 0,
            notified: None,
            hangup,
            items,
            sweep_at: SWEEP,
        }
    }

    pub(super) fn ask(&mut self, id: u64, asker: Asker) {
        if self.askers.len() >= self.sweep_at {
            self.askers.retain(|_, asker| !asker.has_given_up());
            self.sweep_at = SWEEP.max(self.askers.len() * 2);
        }
        self.askers.insert(id, asker);
    }

    /// Notes that something was sent which is never answered; `next` is the id of the next call.
    pub(super) const fn notify(&mut self, next: u64) {
        self.notified = Some(next);
    }

    /// Ends a subscription that nobody listens to; nothing is to be done if the server has ended it.
    pub(super) fn leave(&mut self, left: Left) -> Next {
        match self.subscriptions.get(&left.key) {
            Some(taker) if taker.serial == left.serial => self.unsubscribe(left.key),
            _ => Next::Nothing,
        }
    }

    fn unsubscribe(&mut self, key: String) -> Next {
        self.subscriptions
            .remove(&key)
            .map_or(Next::Nothing, |taker| Next::Unsubscribe {
                method: taker.unsubscribe,
                key,
            })
    }

    /// Hands a message to whoever waits for it.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Next {
        match incoming::read(bytes) {
            Incoming::Answer(response) => self.receive_answer(response),
            Incoming::Answers(ids) => self.receive_batch(&ids, bytes),
            Incoming::Item(item) => return self.receive_item(item),
            Incoming::Unreadable { about, why } => return self.receive_unreadable(about, why),
        }
        Next::Nothing
    }

    fn receive_answer(&mut self, response: JsonRpcResponse) {
        let id = match (&response.id, &response.body) {
            (RequestId::Num(id), _) => *id,
            // About a message that the server could not take apart, and it does not say which.
            (RequestId::Null, JsonRpcResponseBody::Error { error }) => {
                match self.only() {
                    Some(only) => only.refuse(error.clone()),
                    None => {
                        tracing::warn!(%error, "error of the server that may be about several messages")
                    }
                }
                return;
            }
            (other, _) => {
                tracing::debug!(id = %other, "answer of the server to nothing asked");
                return;
            }
        };
        self.answered(id);
        // Whoever does not wait any more needs no answer.
        match self.askers.remove(&id) {
            None => {}
            Some(Asker::Call(told)) => drop(told.send(Ok(response.into_result()))),
            Some(Asker::Subscribe { unsubscribe, told }) => match response.into_result() {
                Ok(name) => self.open(name.to_string(), unsubscribe, told),
                Err(error) => drop(told.send(Ok(Err(error)))),
            },
            Some(batch) => batch.lose(&malformed("one answer in place of several")),
        }
    }

    /// Notes that the server has read as far as the call with this id.
    fn answered(&mut self, id: u64) {
        self.notified = self.notified.filter(|next| id < *next);
    }

    /// Takes the one that waits, if a message that does not say whom it is about can only be about
    /// that: a call that runs must not be taken for one that was refused. Who has given up counts.
    fn only(&mut self) -> Option<Asker> {
        if self.askers.len() > 1 || self.notified.is_some() {
            return None;
        }
        self.askers.drain().next().map(|(_, only)| only)
    }

    fn receive_unreadable(&mut self, about: About, why: String) -> Next {
        let asker = match about {
            About::Call(id) => {
                self.answered(id);
                self.askers.remove(&id)
            }
            About::Subscription(name) => {
                let key = name.to_string();
                if let Some(taker) = self.subscriptions.get(&key) {
                    taker.end(PushError::Transport(TransportError::Malformed(why)));
                }
                return self.unsubscribe(key);
            }
            About::Any => self.only(),
            About::Nothing => None,
        };
        match asker {
            Some(asker) => asker.lose(&TransportError::Malformed(why)),
            None => tracing::debug!(error = why, "message of the server not understood"),
        }
        Next::Nothing
    }

    fn open(&mut self, key: String, unsubscribe: String, told: Asked<Result<Taken, JsonRpcError>>) {
        let (items, taken) = mpsc::channel(self.items + 1);
        self.last_serial += 1;
        let taken = Taken {
            left: Left {
                key: key.clone(),
                serial: self.last_serial,
            },
            items: taken,
            hangup: Arc::clone(&self.hangup),
        };
        let taker = Taker {
            serial: self.last_serial,
            unsubscribe,
            items,
        };
        if let Some(earlier) = self.subscriptions.insert(key, taker) {
            let twice = "the server gave the name of this subscription to another";
            earlier.end(PushError::Transport(malformed(twice)));
        }
        // If nobody waits, it is dropped here, and so ended.
        drop(told.send(Ok(Ok(taken))));
    }

    fn receive_batch(&mut self, ids: &[RequestId], bytes: &[u8]) {
        let is_asked = |(first, asker): &(&u64, &Asker)| {
            let Asker::Batch { calls, .. } = asker else {
                return false;
            };
            let asked = **first..**first + calls.len() as u64;
            ids.iter()
                .any(|id| matches!(id, RequestId::Num(id) if asked.contains(id)))
        };
        let found = self.askers.iter().find(is_asked).map(|(first, _)| *first);
        let Some((first, asker)) = found.and_then(|first| self.askers.remove_entry(&first)) else {
            match self.only() {
                Some(only) => only.lose(&malformed("answers to nothing that was asked")),
                None => tracing::debug!("answers of the server to nothing asked"),
            }
            return;
        };
        self.answered(first);
        if let Asker::Batch { calls, told } = asker {
            drop(told.send(message::read_many(first, &calls, Some(bytes))));
        }
    }

    fn receive_item(&mut self, received: Item) -> Next {
        let key = received.subscription.to_string();
        let Some(taker) = self.subscriptions.get(&key) else {
            return Next::Nothing;
        };
        let Some(item) = received.result else {
            // The server has ended it: with an error, or with `null`.
            let taker = self.subscriptions.remove(&key);
            if let (Some(taker), Some(error)) = (taker, received.error.and_then(end)) {
                taker.end(PushError::Rpc(error));
            }
            return Next::Nothing;
        };
        // The last place is for saying why it ends.
        let is_full = taker.items.capacity() <= 1;
        let sent = match is_full {
            true => Err(TrySendError::Full(())),
            false => taker
                .items
                .try_send(Ok(item))
                .map_err(|_| TrySendError::Closed(())),
        };
        match sent {
            Ok(()) => Next::Nothing,
            // Its end is on the way through `Hangup`.
            Err(TrySendError::Closed(())) => Next::Nothing,
            Err(TrySendError::Full(())) => {
                let lagged = TransportError::Lagged(self.items);
                taker.end(PushError::Transport(lagged));
                self.unsubscribe(key)
            }
        }
    }

    /// Tells everybody that nothing more comes.
    pub(super) fn lose(&mut self, why: &TransportError) {
        for (_, asker) in self.askers.drain() {
            asker.lose(why);
        }
        for (_, taker) in self.subscriptions.drain() {
            taker.end(PushError::Transport(why.clone()));
        }
    }
}

impl Drop for Waiting {
    /// However the driver ends: a subscription that just ended would look complete.
    fn drop(&mut self) {
        self.lose(&TransportError::Closed);
    }
}

impl Asker {
    /// Whether nobody waits any more. A subscription that was given up is still to be ended, once it
    /// is there.
    fn has_given_up(&self) -> bool {
        match self {
            Self::Call(told) => told.is_closed(),
            Self::Batch { told, .. } => told.is_closed(),
            Self::Subscribe { .. } => false,
        }
    }

    /// Tells that the server did not take the message.
    fn refuse(self, error: JsonRpcError) {
        match self {
            Self::Call(told) => drop(told.send(Ok(Err(error)))),
            Self::Subscribe { told, .. } => drop(told.send(Ok(Err(error)))),
            Self::Batch { calls, told } => {
                drop(told.send(Ok(message::refuse_all(&calls, &error))));
            }
        }
    }

    /// Tells that there will be no answer.
    fn lose(self, why: &TransportError) {
        let why = why.clone();
        match self {
            Self::Call(told) => drop(told.send(Err(why))),
            Self::Subscribe { told, .. } => drop(told.send(Err(why))),
            Self::Batch { told, .. } => drop(told.send(Err(why))),
        }
    }
}

impl Taker {
    /// Says why nothing more comes; there is always room for that.
    fn end(&self, why: PushError) {
        drop(self.items.try_send(Err(why)));
    }
}

/// The reason in the last message of a subscription; `None` if it just ended.
fn end(error: Value) -> Option<JsonRpcError> {
    if error.is_null() {
        return None;
    }
    let text = error
        .as_str()
        .map_or_else(|| error.to_string(), str::to_owned);
    let read = serde_json::from_value(error);
    // Other servers say it in a form of their own.
    Some(read.unwrap_or_else(|_| JsonRpcError::new(-32603, text)))
}
