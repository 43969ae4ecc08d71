//! Who waits for which answer, and who takes which items.

use std::collections::HashMap;
use std::sync::Arc;

use dig_rpc_types::envelope::{JsonRpcError, JsonRpcResponse, RequestId};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::command::{Asked, Hangup, Taken};
use crate::rpc::client::{Answer, OutgoingCall, PushError, TransportError, message};

/// From how many on those are looked for who have given up.
const SWEEP: usize = 64;

/// What the driver has promised.
pub(super) struct Waiting {
    calls: HashMap<u64, One>,
    /// By the id of their first call.
    batches: HashMap<u64, Batch>,
    subscriptions: HashMap<String, Taker>,
    hangup: Arc<Hangup>,
    items: usize,
    sweep_at: usize,
}

/// One call.
pub(super) enum One {
    Call(Asked<Answer>),
    Subscribe {
        unsubscribe: String,
        told: Asked<Result<Taken, JsonRpcError>>,
    },
}

/// A batch.
pub(super) struct Batch {
    pub(super) calls: Vec<OutgoingCall>,
    pub(super) told: Asked<Vec<Answer>>,
}

/// Where the items of a subscription go.
struct Taker {
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

/// A notification of a subscription.
#[derive(Deserialize)]
struct Pushed {
    params: PushedParams,
}

#[derive(Deserialize)]
struct PushedParams {
    subscription: Value,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    error: Option<Value>,
}

/// Keeps `null` apart from a member that is not there.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

impl Waiting {
    pub(super) fn new(hangup: Arc<Hangup>, items: usize) -> Self {
        Self {
            calls: HashMap::new(),
            batches: HashMap::new(),
            subscriptions: HashMap::new(),
            hangup,
            items,
            sweep_at: SWEEP,
        }
    }

    pub(super) fn call(&mut self, id: u64, one: One) {
        if self.calls.len() >= self.sweep_at {
            // A subscription that was given up is still to be ended, once it is there.
            self.calls
                .retain(|_, one| !matches!(one, One::Call(told) if told.is_closed()));
            self.sweep_at = SWEEP.max(self.calls.len() * 2);
        }
        self.calls.insert(id, one);
    }

    pub(super) fn batch(&mut self, first: u64, batch: Batch) {
        self.batches.retain(|_, batch| !batch.told.is_closed());
        self.batches.insert(first, batch);
    }

    /// Ends a subscription that nobody listens to; `None` if the server has ended it.
    pub(super) fn leave(&mut self, key: String) -> Option<Next> {
        let taker = self.subscriptions.remove(&key)?;
        Some(Next::Unsubscribe {
            method: taker.unsubscribe,
            key,
        })
    }

    /// Hands a message to whoever waits for it.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Next {
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            self.receive_batch(bytes);
            return Next::Nothing;
        }
        if let Ok(response) = serde_json::from_slice::<JsonRpcResponse>(bytes) {
            return self.receive_answer(response);
        }
        match serde_json::from_slice::<Pushed>(bytes) {
            Ok(pushed) => self.receive_item(pushed.params),
            Err(error) => {
                tracing::debug!(%error, "message of the server not understood");
                Next::Nothing
            }
        }
    }

    fn receive_answer(&mut self, response: JsonRpcResponse) -> Next {
        let id = match response.id {
            RequestId::Num(id) => id,
            RequestId::Null => {
                self.refuse(response);
                return Next::Nothing;
            }
            other => {
                tracing::debug!(id = %other, "answer of the server to nothing asked");
                return Next::Nothing;
            }
        };
        // Whoever does not wait any more needs no answer.
        match self.calls.remove(&id) {
            None => {}
            Some(One::Call(told)) => drop(told.send(Ok(response.into_result()))),
            Some(One::Subscribe { unsubscribe, told }) => match response.into_result() {
                Ok(name) => self.open(name.to_string(), unsubscribe, told),
                Err(error) => drop(told.send(Ok(Err(error)))),
            },
        }
        Next::Nothing
    }

    /// An error without an id is about a message that the server could not take apart, and it does not
    /// say which. If it can only be one, that is told; of several batches none can be relied on.
    fn refuse(&mut self, response: JsonRpcResponse) {
        let Err(error) = response.into_result() else {
            tracing::debug!("result of the server without an id");
            return;
        };
        if !self.batches.is_empty() {
            let refused = TransportError::Malformed(format!("an answer without an id: {error}"));
            for (_, batch) in self.batches.drain() {
                drop(batch.told.send(Err(refused.clone())));
            }
            return;
        }
        let only = self.calls.keys().next().copied();
        match only
            .filter(|_| self.calls.len() == 1)
            .and_then(|id| self.calls.remove(&id))
        {
            Some(One::Call(told)) => drop(told.send(Ok(Err(error)))),
            Some(One::Subscribe { told, .. }) => drop(told.send(Ok(Err(error)))),
            None => tracing::debug!(%error, "error of the server without an id"),
        }
    }

    fn open(&mut self, key: String, unsubscribe: String, told: Asked<Result<Taken, JsonRpcError>>) {
        let (items, taken) = mpsc::channel(self.items + 1);
        let taken = Taken {
            key: key.clone(),
            items: taken,
            hangup: Arc::clone(&self.hangup),
        };
        self.subscriptions.insert(key, Taker { unsubscribe, items });
        // If nobody waits, it is dropped here, and so ended.
        drop(told.send(Ok(Ok(taken))));
    }

    fn receive_batch(&mut self, bytes: &[u8]) {
        let read = serde_json::from_slice::<Vec<JsonRpcResponse>>(bytes);
        let ids = read
            .iter()
            .flatten()
            .filter_map(|response| match response.id {
                RequestId::Num(id) => Some(id),
                _ => None,
            });
        let first = ids
            .filter_map(|id| {
                let holds = |(first, batch): (&u64, &Batch)| {
                    (*first..first + batch.calls.len() as u64).contains(&id)
                };
                self.batches
                    .iter()
                    .find(|batch| holds(*batch))
                    .map(|(first, _)| *first)
            })
            .next();
        let batch = first.and_then(|first| Some((first, self.batches.remove(&first)?)));
        match batch {
            Some((first, batch)) => {
                let answers = message::read_many(first, &batch.calls, Some(bytes));
                drop(batch.told.send(answers));
            }
            None => tracing::debug!("answers of the server to no batch known"),
        }
    }

    fn receive_item(&mut self, params: PushedParams) -> Next {
        let key = params.subscription.to_string();
        let Some(taker) = self.subscriptions.get(&key) else {
            return Next::Nothing;
        };
        let Some(item) = params.result else {
            // The server has ended it: with an error, or with `null`.
            let taker = self.subscriptions.remove(&key);
            if let (Some(taker), Some(error)) = (taker, params.error.and_then(end)) {
                // If there is no room, what was kept is still taken, and then it ends all the same.
                drop(taker.items.try_send(Err(PushError::Rpc(error))));
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
                drop(taker.items.try_send(Err(PushError::Transport(lagged))));
                self.leave(key).unwrap_or(Next::Nothing)
            }
        }
    }

    /// Tells everybody that nothing more comes.
    pub(super) fn lose(&mut self, why: &TransportError) {
        for (_, one) in self.calls.drain() {
            match one {
                One::Call(told) => drop(told.send(Err(why.clone()))),
                One::Subscribe { told, .. } => drop(told.send(Err(why.clone()))),
            }
        }
        for (_, batch) in self.batches.drain() {
            drop(batch.told.send(Err(why.clone())));
        }
        for (_, taker) in self.subscriptions.drain() {
            drop(taker.items.try_send(Err(PushError::Transport(why.clone()))));
        }
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
