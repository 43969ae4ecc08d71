//! Subscriptions from the client's side.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use dig_rpc_types::envelope::JsonRpcError;
use futures_core::Stream;
use serde_json::Value;

use crate::rpc::IntoRpcError;
use crate::rpc::client::typed::ReceivedResult;
use crate::rpc::client::{ClientError, RpcTransport, TransportError};

/// A transport that carries subscriptions, too.
pub trait SubscribeTransport: RpcTransport {
    /// Calls a method that subscribes. `unsubscribe` is the name of the method that ends it; the
    /// transport calls that when what it returns is dropped.
    ///
    /// # Errors
    ///
    /// As [`RpcTransport::call`].
    fn subscribe(
        &self,
        method: &str,
        unsubscribe: &str,
        params: Value,
    ) -> impl Future<Output = Result<Result<Pushes, JsonRpcError>, TransportError>> + Send;
}

macro_rules! forward {
    ($($to:ty),+) => {$(
        impl<T: SubscribeTransport + ?Sized> SubscribeTransport for $to {
            fn subscribe(
                &self,
                method: &str,
                unsubscribe: &str,
                params: Value,
            ) -> impl Future<Output = Result<Result<Pushes, JsonRpcError>, TransportError>> + Send
            {
                T::subscribe(self, method, unsubscribe, params)
            }
        }
    )+};
}

forward!(&T, Arc<T>);

/// The items of a subscription, as a transport brings them. Dropping it ends the subscription.
pub struct Pushes(Pin<Box<dyn Stream<Item = Result<Value, PushError>> + Send>>);

/// Why no more items come: the last thing that [`Pushes`] brings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PushError {
    /// The other side ended the subscription, and said why.
    Rpc(JsonRpcError),
    /// The transport cannot bring more.
    Transport(TransportError),
}

impl Pushes {
    /// Takes on items. After an error nothing more is asked for.
    #[must_use]
    pub fn new(items: impl Stream<Item = Result<Value, PushError>> + Send + 'static) -> Self {
        Self(Box::pin(items))
    }
}

impl fmt::Debug for Pushes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pushes")
    }
}

impl Stream for Pushes {
    type Item = Result<Value, PushError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

/// The items of a subscription of a typed client; a [`Stream`]. Dropping it ends the subscription.
///
/// `E` is the error of the stream's items, if they are `Result`s. After the first error there is
/// nothing more, except after [`ClientError::Result`], which is about one item alone.
pub struct Subscription<T, E = std::convert::Infallible> {
    pushes: Option<Pushes>,
    of: PhantomData<fn() -> (T, E)>,
}

impl<T, E> Subscription<T, E> {
    pub(crate) const fn new(pushes: Pushes) -> Self {
        Self {
            pushes: Some(pushes),
            of: PhantomData,
        }
    }
}

impl<T: ReceivedResult, E: IntoRpcError> Subscription<T, E> {
    /// Waits for the next item; `None` when the method's stream has ended.
    ///
    /// # Errors
    ///
    /// The subscription was ended for a reason: the stream's own error, one of the server (it is
    /// stopping, for one), or one of the transport. Or the item cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no item is lost.
    pub async fn next(&mut self) -> Option<Result<T, ClientError<E>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T: ReceivedResult, E: IntoRpcError> Stream for Subscription<T, E> {
    type Item = Result<T, ClientError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(pushes) = &mut self.pushes else {
            return Poll::Ready(None);
        };
        let item = match ready!(Pin::new(pushes).poll_next(cx)) {
            Some(Ok(value)) => {
                let read = T::read(value);
                return Poll::Ready(Some(
                    read.map_err(|error| ClientError::Result(Arc::new(error))),
                ));
            }
            Some(Err(PushError::Rpc(error))) => Some(Err(match E::from_rpc_error(error) {
                Ok(own) => ClientError::Method(own),
                Err(other) => ClientError::Rpc(other),
            })),
            Some(Err(PushError::Transport(error))) => Some(Err(ClientError::Transport(error))),
            None => None,
        };
        self.pushes = None;
        Poll::Ready(item)
    }
}

impl<T, E> fmt::Debug for Subscription<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("is_over", &self.pushes.is_none())
            .finish()
    }
}
