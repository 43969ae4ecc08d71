//! Runs what was parsed, and writes the answers.

use std::sync::Arc;
use std::time::Duration;

use dig_rpc_types::envelope::{JsonRpcError, RequestId};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::SemaphorePermit;

use crate::error::Guarded;
use crate::rpc::wire::answer;
use crate::rpc::wire::envelope::{Call, Entry, Message, parse};
use crate::rpc::wire::{Door, Fault, Gate, Refusal};
use crate::rpc::{RpcApi, RpcContext};

/// The one `rpc.` name that an API may answer to.
const DISCOVER: &str = "rpc.discover";

/// Answers messages by calling an API, within limits.
#[derive(Debug)]
pub(crate) struct Calls<R> {
    pub(crate) api: Arc<R>,
    pub(crate) door: Door,
    pub(crate) gate: Gate,
    pub(crate) batch_limit: usize,
    pub(crate) call_timeout: Duration,
}

/// What goes back to the client.
#[derive(Debug)]
pub(crate) struct Reply {
    /// `None`: there is nothing to say.
    pub(crate) body: Option<Vec<u8>>,
    /// Set if no call of the message was let in.
    pub(crate) refusal: Option<Refusal>,
}

/// How a call came to its end.
enum Outcome {
    Answered(Result<Value, JsonRpcError>),
    Refused(Refusal),
}

/// An answer and its place in a batch; `None` for a notification.
type Slot = Option<(RequestId, Result<Value, JsonRpcError>)>;

impl<R: RpcApi> Calls<R> {
    /// Runs what `message` asks for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops those of the methods, at the `.await` where they stand.
    pub(crate) async fn answer(&self, cx: &RpcContext, message: &[u8]) -> Reply {
        match parse(message, self.batch_limit) {
            Message::Single(Entry::Call(call)) => self.single(cx, call).await,
            Message::Single(Entry::Invalid { id, fault }) => Reply::fault(&id, fault),
            Message::Unreadable(fault) => Reply::fault(&RequestId::Null, fault),
            // Boxed, so that the state of a single call stays small.
            Message::Batch(entries) => Box::pin(self.batch(cx, entries)).await,
        }
    }

    /// Returns the document of the API, if it has one: what a call of `rpc.discover` gives.
    ///
    /// # Cancel safety
    ///
    /// As [`answer`](Self::answer).
    pub(crate) async fn describe(
        &self,
        cx: &RpcContext,
    ) -> (Option<Refusal>, Result<Value, JsonRpcError>) {
        let outcome = match self.door.enter() {
            Ok(_permit) => self.run(cx, DISCOVER, Value::Null).await,
            Err(refusal) => Outcome::Refused(refusal),
        };
        (outcome.refusal(), outcome.into_result())
    }

    async fn single(&self, cx: &RpcContext, call: Call<'_>) -> Reply {
        let Call { id, method, params } = call;
        let outcome = match self.door.enter() {
            Ok(_permit) => self.run_for(id.as_ref(), cx, &method, params).await,
            Err(refusal) => Outcome::Refused(refusal),
        };
        let refusal = outcome.refusal();
        let body = id.map(|id| answer::one(&id, &outcome.into_result()));
        Reply { body, refusal }
    }

    async fn batch(&self, cx: &RpcContext, entries: Vec<Entry<'_>>) -> Reply {
        let mut slots: Vec<Slot> = Vec::new();
        slots.resize_with(entries.len(), || None);
        let mut calls = Vec::with_capacity(entries.len());
        for (place, entry) in entries.into_iter().enumerate() {
            match entry {
                Entry::Call(call) => calls.push((place, call)),
                Entry::Invalid { id, fault } => slots[place] = Some((id, Err(fault.into()))),
            }
        }
        let refusal = self.run_all(cx, calls, &mut slots).await;
        Reply {
            body: answer::many(slots.iter().flatten()),
            refusal,
        }
    }

    /// Runs calls side by side, as far as there is room for them.
    ///
    /// A call that finds no room waits for one of the same batch and takes over its permit, so a
    /// batch of any length gets through if there is room for one call; if there is none, it is
    /// refused. Returns why, if nothing was let in.
    async fn run_all(
        &self,
        cx: &RpcContext,
        calls: Vec<(usize, Call<'_>)>,
        slots: &mut [Slot],
    ) -> Option<Refusal> {
        let mut queue = calls.into_iter();
        let mut next = queue.next();
        let mut running = FuturesUnordered::new();
        let mut spare = None;
        let mut is_let_in = false;
        let mut refusal = None;
        loop {
            while let Some((place, call)) = next.take() {
                let entered = match spare.take() {
                    Some(permit) => self.door.stay(permit),
                    None => self.door.enter(),
                };
                match entered {
                    Ok(permit) => {
                        is_let_in = true;
                        running.push(self.run_in_batch(cx, permit, place, call));
                    }
                    Err(Refusal::Busy) if !running.is_empty() => {
                        next = Some((place, call));
                        break;
                    }
                    Err(why) => {
                        refusal = Some(why);
                        slots[place] = call.id.map(|id| (id, Err(Fault::Refused(why).into())));
                    }
                }
                next = queue.next();
            }
            let Some((permit, place, slot)) = running.next().await else {
                break;
            };
            slots[place] = slot;
            spare = next.is_some().then_some(permit);
        }
        refusal.filter(|_| !is_let_in)
    }

    async fn run_in_batch<'p>(
        &self,
        cx: &RpcContext,
        permit: SemaphorePermit<'p>,
        place: usize,
        call: Call<'_>,
    ) -> (SemaphorePermit<'p>, usize, Slot) {
        let Call { id, method, params } = call;
        let outcome = self.run_for(id.as_ref(), cx, &method, params).await;
        (permit, place, id.map(|id| (id, outcome.into_result())))
    }

    /// Calls one method for whoever gave the call this id. A notification cannot subscribe: nobody would
    /// be told the number.
    async fn run_for(
        &self,
        id: Option<&RequestId>,
        cx: &RpcContext,
        method: &str,
        params: Value,
    ) -> Outcome {
        match id {
            None if cx.desk().is_some() => {
                let cx = cx.clone().unanswered();
                self.run(&cx, method, params).await
            }
            _ => self.run(cx, method, params).await,
        }
    }

    /// Calls one method, guarded and within its time.
    async fn run(&self, cx: &RpcContext, method: &str, params: Value) -> Outcome {
        if method.starts_with("rpc.") && method != DISCOVER {
            return Outcome::fault(Fault::Reserved);
        }
        if let Err(refused) = self.gate.judge(cx, method) {
            return Outcome::Answered(Err(refused));
        }
        let mut future = Guarded::new(|| self.api.dispatch_cx(cx, method, params));
        // The method first: what it returned counts, even if its time ran out in that moment. The
        // timer is made only if the method does not end at once.
        let end = tokio::select! {
            biased;
            result = &mut future => Some(result),
            () = self.door.is_cut() => {
                drop(future);
                self.door.note_cut();
                tracing::warn!(method, "call cut: the service is stopping");
                return Outcome::Refused(Refusal::Stopping);
            }
            () = async { tokio::time::sleep(self.call_timeout).await } => None,
        };
        match end {
            Some(Ok(result)) => Outcome::Answered(result),
            Some(Err(panic)) => {
                tracing::error!(method, panic = panic.message(), "method panicked");
                Outcome::fault(Fault::Panicked)
            }
            None => {
                tracing::warn!(method, limit = ?self.call_timeout, "call timed out");
                Outcome::fault(Fault::TimedOut)
            }
        }
    }
}

impl Reply {
    fn fault(id: &RequestId, fault: Fault) -> Self {
        Self {
            body: Some(answer::one(id, &Err(fault.into()))),
            refusal: None,
        }
    }
}

impl Outcome {
    fn fault(fault: Fault) -> Self {
        Self::Answered(Err(fault.into()))
    }

    const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Answered(_) => None,
            Self::Refused(refusal) => Some(*refusal),
        }
    }

    fn into_result(self) -> Result<Value, JsonRpcError> {
        match self {
            Self::Answered(result) => result,
            Self::Refused(refusal) => Err(Fault::Refused(refusal).into()),
        }
    }
}

#[cfg(test)]
mod tests;
