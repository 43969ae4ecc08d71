//! What a server reads: a request or a notification.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::call::Call;
use super::{JsonRpcNotification, JsonRpcRequest, RequestId};

/// Holds a call as it arrives; the presence of an `id` member tells the two kinds apart.
///
/// # Examples
///
/// ```
/// use dig_rpc_types::{Incoming, RequestId};
///
/// let null_id: Incoming = serde_json::from_str(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#)?;
/// let no_id: Incoming = serde_json::from_str(r#"{"jsonrpc":"2.0","method":"ping"}"#)?;
///
/// assert_eq!(null_id.id(), Some(&RequestId::Null));
/// assert_eq!(no_id.id(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Incoming<P = Value> {
    /// A call with an `id`, which may be null: answer it.
    Request(JsonRpcRequest<P>),
    /// A call without an `id`: never answer it.
    Notification(JsonRpcNotification<P>),
}

impl<P> Incoming<P> {
    /// Returns the id of a request; `None` for a notification.
    #[must_use]
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Request(request) => Some(&request.id),
            Self::Notification(_) => None,
        }
    }

    /// Returns the name of the method.
    #[must_use]
    pub fn method(&self) -> &str {
        match self {
            Self::Request(request) => &request.method,
            Self::Notification(notification) => &notification.method,
        }
    }

    /// Returns the arguments, if there are any.
    #[must_use]
    pub fn params(&self) -> Option<&P> {
        match self {
            Self::Request(request) => request.params.as_ref(),
            Self::Notification(notification) => notification.params.as_ref(),
        }
    }
}

impl<P> From<JsonRpcRequest<P>> for Incoming<P> {
    fn from(request: JsonRpcRequest<P>) -> Self {
        Self::Request(request)
    }
}

impl<P> From<JsonRpcNotification<P>> for Incoming<P> {
    fn from(notification: JsonRpcNotification<P>) -> Self {
        Self::Notification(notification)
    }
}

impl<'de, P: Deserialize<'de>> Deserialize<'de> for Incoming<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Call {
            jsonrpc,
            id,
            method,
            params,
        } = Call::read(deserializer, "a JSON-RPC request or notification")?;
        Ok(match id {
            Some(id) => Self::Request(JsonRpcRequest {
                jsonrpc,
                id,
                method,
                params,
            }),
            None => Self::Notification(JsonRpcNotification {
                jsonrpc,
                method,
                params,
            }),
        })
    }
}

#[cfg(test)]
mod tests;
