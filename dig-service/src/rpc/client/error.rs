//! How a call ends that gives no result.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use dig_rpc_types::envelope::JsonRpcError;
use thiserror::Error;

/// Why a call of a typed client has no result; `E` is the method's own error.
///
/// It is an [`Error`] where `E` can be shown (`Debug` and `Display`), which `?` into an `anyhow::Error` asks for.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ClientError<E = Infallible> {
    /// The method failed with an error of its own type.
    #[error("{0}")]
    Method(E),
    /// The answer is an error that is not known to be the method's: the server refused the call, or
    /// the error's type cannot be told from what is sent.
    #[error("the call was answered with an error")]
    Rpc(#[source] JsonRpcError),
    /// There is no answer.
    #[error("the transport failed")]
    Transport(#[source] TransportError),
    /// An argument cannot be written as JSON, or all of them are neither an array nor an object.
    /// Nothing was sent.
    #[error("the params cannot be written")]
    Params(#[source] Arc<serde_json::Error>),
    /// The method returned what cannot be read as its result: the two sides differ in its type.
    #[error("the result cannot be read")]
    Result(#[source] Arc<serde_json::Error>),
}

/// Why there is no answer to a call.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The other side was not reached, so nothing ran.
    #[error("the server cannot be reached")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// The connection was lost; the call may have run, or may be running.
    #[error("the connection was lost before the answer")]
    Lost(#[source] Arc<dyn Error + Send + Sync>),
    /// No answer came in time; the call may have run, or may be running.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// What answered is no JSON-RPC server, or not on this path: an HTTP status and no answer.
    #[error("HTTP status {0} and no JSON-RPC answer")]
    Status(u16),
    /// What came back is no answer to this call.
    #[error("not an answer: {0}")]
    Malformed(String),
    /// A subscription brought more than was taken, and was ended: this many items were kept.
    #[error("more came than was taken: {0} items")]
    Lagged(usize),
    /// The transport was closed, by either side. A call that was under way may have run.
    #[error("the transport is closed")]
    Closed,
}

impl<E> From<TransportError> for ClientError<E> {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
