//! What carries calls.

use std::future::Future;
use std::sync::Arc;

use dig_rpc_types::envelope::JsonRpcError;
use serde_json::Value;

use crate::rpc::client::TransportError;

/// What the other side said to a call.
pub type Answer = Result<Value, JsonRpcError>;

/// A call that is part of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingCall {
    /// The name of the method.
    pub method: String,
    /// An array, an object, or null for none.
    pub params: Value,
    /// Whether nobody waits for an answer.
    pub is_notification: bool,
}

/// Carries calls to a node, in the same process or far away.
///
/// The outer result of each method says whether the call was carried, the inner one what was
/// answered. `&T` and `Arc<T>` carry what `T` does.
///
/// # Cancel safety
///
/// Dropping a future gives up the answer. Whether the call itself runs is told by the transport: one
/// that was sent cannot be called back.
pub trait RpcTransport: Send + Sync {
    /// Calls a method and waits for its answer. `params` is an array, an object, or null for none.
    ///
    /// # Errors
    ///
    /// There was no answer; see [`TransportError`] for whether the call may have run.
    fn call(
        &self,
        method: &str,
        params: Value,
    ) -> impl Future<Output = Result<Answer, TransportError>> + Send;

    /// Calls a method that is not answered. `Ok` confirms that the call was handed over, not that it
    /// ran.
    ///
    /// # Errors
    ///
    /// It could not be handed over.
    fn notify(
        &self,
        method: &str,
        params: Value,
    ) -> impl Future<Output = Result<(), TransportError>> + Send;

    /// Makes several calls in one message and waits for all their answers, which come in the order
    /// of the calls; notifications have none and are left out.
    ///
    /// # Errors
    ///
    /// There was no answer to the message as a whole, or none to one of the calls. An error that the
    /// server tells of the whole message, as of one with too many calls, is the answer to each.
    fn batch(
        &self,
        calls: Vec<OutgoingCall>,
    ) -> impl Future<Output = Result<Vec<Answer>, TransportError>> + Send;
}

macro_rules! forward {
    ($($to:ty),+) => {$(
        impl<T: RpcTransport + ?Sized> RpcTransport for $to {
            fn call(
                &self,
                method: &str,
                params: Value,
            ) -> impl Future<Output = Result<Answer, TransportError>> + Send {
                T::call(self, method, params)
            }

            fn notify(
                &self,
                method: &str,
                params: Value,
            ) -> impl Future<Output = Result<(), TransportError>> + Send {
                T::notify(self, method, params)
            }

            fn batch(
                &self,
                calls: Vec<OutgoingCall>,
            ) -> impl Future<Output = Result<Vec<Answer>, TransportError>> + Send {
                T::batch(self, calls)
            }
        }
    )+};
}

forward!(&T, Arc<T>);
