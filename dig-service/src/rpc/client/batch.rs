//! Typed calls gathered into batches.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::rpc::client::{Answer, OutgoingCall, RpcTransport, TransportError};
use crate::sync::Lock;

/// Runs `calls` and sends what they ask for at the same time in one batch.
///
/// Whatever was asked for when `calls` can go no further is sent as one message; a call that was
/// alone is sent alone. What is asked for once answers are there goes into the next batch. A server
/// limits how many calls a batch may hold, 100 by default in ours.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use dig_service::client::{Local, batched};
///
/// # struct Adder;
/// # #[dig_service::node(rpc_only, client = AdderClient)]
/// # impl Adder {
/// #     #[rpc]
/// #     fn add(&self, a: u64, b: u64) -> u64 {
/// #         a + b
/// #     }
/// # }
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let transport = Local::new(Arc::new(Adder));
///
/// let (five, nine) = batched(&transport, async |wire| {
///     let adder = AdderClient::new(wire);
///     tokio::join!(adder.add(2, 3), adder.add(4, 5))
/// })
/// .await;
///
/// assert_eq!((five.unwrap(), nine.unwrap()), (5, 9));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Cancel safety
///
/// Dropping the future gives up all the calls; those of batches that were sent may run.
pub async fn batched<T, O>(transport: &T, calls: impl AsyncFnOnce(&Gathering) -> O) -> O
where
    T: RpcTransport,
{
    let gathering = Gathering(Lock::default());
    let mut calls = pin!(calls(&gathering));
    let mut sending: Vec<Sending<'_>> = Vec::new();
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(output) = calls.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            let queued = std::mem::take(&mut *gathering.0.lock());
            if !queued.is_empty() {
                sending.push(Box::pin(send(transport, queued)));
            }
            if !any_is_done(&mut sending, cx) {
                return Poll::Pending;
            }
        }
    })
    .await
}

type Sending<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Polls all batches under way and lets those go that are done.
fn any_is_done(sending: &mut Vec<Sending<'_>>, cx: &mut Context<'_>) -> bool {
    let before = sending.len();
    sending.retain_mut(|batch| batch.as_mut().poll(cx).is_pending());
    sending.len() < before
}

/// The transport inside [`batched`]: what is called on it waits for the others.
pub struct Gathering(Lock<Vec<Queued>>);

impl fmt::Debug for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gathering")
            .field(&self.0.lock().len())
            .finish()
    }
}

/// A call and who waits for it; a notification is told `None` when it was handed over.
struct Queued {
    call: OutgoingCall,
    waiting: oneshot::Sender<Result<Option<Answer>, TransportError>>,
}

/// Sends what was gathered, and tells everybody what became of it.
async fn send<T: RpcTransport>(transport: &T, queued: Vec<Queued>) {
    // Whoever gave up meanwhile is not called for.
    let queued = queued.into_iter().filter(|one| !one.waiting.is_closed());
    let (calls, waiting): (Vec<_>, Vec<_>) = queued.map(|one| (one.call, one.waiting)).unzip();
    let is_notification: Vec<bool> = calls.iter().map(|call| call.is_notification).collect();
    let carried = carry(transport, calls).await;
    let mut answers = carried.map(Vec::into_iter);
    for (waiting, is_notification) in waiting.into_iter().zip(is_notification) {
        let told = match &mut answers {
            Err(error) => Err(error.clone()),
            Ok(_) if is_notification => Ok(None),
            Ok(answers) => match answers.next() {
                Some(answer) => Ok(Some(answer)),
                None => Err(TransportError::Malformed("too few answers".to_owned())),
            },
        };
        // Whoever does not wait any more needs no answer.
        drop(waiting.send(told));
    }
}

async fn carry<T: RpcTransport>(
    transport: &T,
    mut calls: Vec<OutgoingCall>,
) -> Result<Vec<Answer>, TransportError> {
    match calls.len() {
        0 => Ok(Vec::new()),
        1 => {
            let only = calls.swap_remove(0);
            if only.is_notification {
                transport.notify(&only.method, only.params).await?;
                return Ok(Vec::new());
            }
            Ok(vec![transport.call(&only.method, only.params).await?])
        }
        _ => transport.batch(calls).await,
    }
}

impl Gathering {
    async fn queue(&self, call: OutgoingCall) -> Result<Option<Answer>, TransportError> {
        let (waiting, told) = oneshot::channel();
        self.0.lock().push(Queued { call, waiting });
        told.await.unwrap_or(Err(TransportError::Closed))
    }
}

impl RpcTransport for Gathering {
    async fn call(&self, method: &str, params: Value) -> Result<Answer, TransportError> {
        let call = OutgoingCall {
            method: method.to_owned(),
            params,
            is_notification: false,
        };
        let answer = self.queue(call).await?;
        answer.ok_or_else(|| TransportError::Malformed("no answer".to_owned()))
    }

    async fn notify(&self, method: &str, params: Value) -> Result<(), TransportError> {
        let call = OutgoingCall {
            method: method.to_owned(),
            params,
            is_notification: true,
        };
        self.queue(call).await.map(drop)
    }

    /// Queues the calls with all the others.
    async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
        let told: Vec<_> = {
            let mut queue = self.0.lock();
            let queued = calls.into_iter().map(|call| {
                let (waiting, told) = oneshot::channel();
                queue.push(Queued { call, waiting });
                told
            });
            queued.collect()
        };
        let mut answers = Vec::new();
        for one in told {
            answers.extend(one.await.unwrap_or(Err(TransportError::Closed))?);
        }
        Ok(answers)
    }
}
