//! A call that wants no answer.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Version;
use super::call::Call;

/// Calls a method and expects no answer, not even an error.
///
/// Reading one refuses an `id` member, `"id": null` included: its sender waits for an answer. Where
/// requests may come too, read an [`Incoming`](super::Incoming).
///
/// # Examples
///
/// ```
/// use dig_rpc_types::JsonRpcNotification;
/// use serde_json::json;
///
/// let notification = JsonRpcNotification::new("new_peak", Some(json!([42])));
///
/// assert_eq!(
///     serde_json::to_value(&notification)?,
///     json!({"jsonrpc": "2.0", "method": "new_peak", "params": [42]}),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonRpcNotification<P = Value> {
    /// The protocol version.
    pub jsonrpc: Version,
    /// The name of the method; names that begin with `rpc.` are reserved.
    pub method: String,
    /// The arguments, by position or by name; left out when `None`, and `null` is read as `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<P>,
}

impl<P> JsonRpcNotification<P> {
    /// Creates a notification.
    #[must_use]
    pub fn new(method: impl Into<String>, params: Option<P>) -> Self {
        Self {
            jsonrpc: Version,
            method: method.into(),
            params,
        }
    }
}

impl<'de, P: Deserialize<'de>> Deserialize<'de> for JsonRpcNotification<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Call {
            jsonrpc,
            id,
            method,
            params,
        } = Call::read(deserializer, "a JSON-RPC notification")?;
        match id {
            None => Ok(Self {
                jsonrpc,
                method,
                params,
            }),
            Some(_) => Err(D::Error::custom(
                "a JSON-RPC notification has no `id` member; with one, even null, it is a request",
            )),
        }
    }
}

#[cfg(test)]
mod tests;
