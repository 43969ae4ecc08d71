//! Calls inside the process.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use futures_core::Stream;
use serde_json::Value;

use crate::error::Guarded;
use crate::rpc::client::{
    Answer, OutgoingCall, PushError, Pushes, RpcTransport, SubscribeTransport, TransportError,
};
use crate::rpc::push::{Desk, Items, Pushing};
use crate::rpc::{RpcApi, RpcContext};
use crate::sync::Lock;

/// Calls the methods of a node in the same process, on the caller's task.
///
/// It asks nobody: the service need not run, and no limit of a server holds. A method that panics is
/// answered as a server would, with `InternalError`.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use dig_service::client::Local;
///
/// struct Adder;
///
/// #[dig_service::node(rpc_only, client = AdderClient)]
/// impl Adder {
///     #[rpc]
///     fn add(&self, a: u64, b: u64) -> u64 {
///         a + b
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let adder = AdderClient::new(Local::new(Arc::new(Adder)));
/// assert_eq!(adder.add(2, 3).await.unwrap(), 5);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Cancel safety
///
/// Dropping a call drops the method's future, at the `.await` where it stands.
#[derive(Debug)]
pub struct Local<R> {
    api: Arc<R>,
    cx: RpcContext,
}

impl<R: RpcApi> Local<R> {
    /// Calls this API; that of a service is `service.rpc_api()`.
    #[must_use]
    pub fn new(api: Arc<R>) -> Self {
        Self {
            api,
            cx: RpcContext::LOCAL.clone(),
        }
    }

    /// Tells the methods this context.
    #[must_use]
    pub fn with_context(mut self, cx: RpcContext) -> Self {
        self.cx = cx;
        self
    }

    async fn dispatch(&self, cx: &RpcContext, method: &str, params: Value) -> Answer {
        let outcome = Guarded::new(|| self.api.dispatch_cx(cx, method, params)).await;
        outcome.unwrap_or_else(|panic| {
            tracing::error!(method, panic = panic.message(), "method panicked");
            Err(JsonRpcError::new(
                ErrorCode::InternalError,
                "internal error",
            ))
        })
    }
}

impl<R> Clone for Local<R> {
    fn clone(&self) -> Self {
        Self {
            api: Arc::clone(&self.api),
            cx: self.cx.clone(),
        }
    }
}

impl<R: RpcApi> RpcTransport for Local<R> {
    async fn call(&self, method: &str, params: Value) -> Result<Answer, TransportError> {
        Ok(self.dispatch(&self.cx, method, params).await)
    }

    /// Runs the method to its end; what it returns is dropped.
    async fn notify(&self, method: &str, params: Value) -> Result<(), TransportError> {
        drop(self.dispatch(&self.cx, method, params).await);
        Ok(())
    }

    /// Runs the methods side by side.
    async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
        let mut running: Vec<Running<'_>> = calls
            .into_iter()
            .map(|call| Running::Not(Box::pin(self.run(call))))
            .collect();
        poll_fn(|cx| {
            let mut is_done = true;
            for one in &mut running {
                if let Running::Not(future) = one {
                    match future.as_mut().poll(cx) {
                        Poll::Ready(answer) => *one = Running::Done(answer),
                        Poll::Pending => is_done = false,
                    }
                }
            }
            if is_done {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let answers = running.into_iter().filter_map(|one| match one {
            Running::Done(answer) => answer,
            Running::Not(_) => None,
        });
        Ok(answers.collect())
    }
}

/// Takes the stream of the one call that subscribes.
#[derive(Default)]
struct OneDesk(Lock<Option<Pushing>>);

impl fmt::Debug for OneDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneDesk")
    }
}

impl Desk for OneDesk {
    fn open(&self, method: &'static str, items: Items) -> Result<u64, JsonRpcError> {
        *self.0.lock() = Some(Pushing::new(method, items));
        Ok(0)
    }

    fn close(&self, _: u64) -> bool {
        false
    }
}

impl<R: RpcApi> SubscribeTransport for Local<R> {
    /// Returns the method's own stream, which nobody polls but the caller.
    async fn subscribe(
        &self,
        method: &str,
        _unsubscribe: &str,
        params: Value,
    ) -> Result<Result<Pushes, JsonRpcError>, TransportError> {
        let desk = Arc::new(OneDesk::default());
        let cx = self.cx.clone().with_desk(Arc::<OneDesk>::clone(&desk));
        if let Err(error) = self.dispatch(&cx, method, params).await {
            return Ok(Err(error));
        }
        let Some(items) = desk.0.lock().take() else {
            let what = format!("`{method}` is no subscription");
            return Err(TransportError::Malformed(what));
        };
        Ok(Ok(Pushes::new(InProcess(items))))
    }
}

/// The items of a stream in the same process.
struct InProcess(Pushing);

impl Stream for InProcess {
    type Item = Result<Value, PushError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(item.map(|item| item.map_err(PushError::Rpc)))
    }
}

/// A call of a batch; the answer of a notification is `None`.
enum Running<'a> {
    Not(Pin<Box<dyn Future<Output = Option<Answer>> + Send + 'a>>),
    Done(Option<Answer>),
}

impl<R: RpcApi> Local<R> {
    async fn run(&self, call: OutgoingCall) -> Option<Answer> {
        let answer = self.dispatch(&self.cx, &call.method, call.params).await;
        Some(answer).filter(|_| !call.is_notification)
    }
}
