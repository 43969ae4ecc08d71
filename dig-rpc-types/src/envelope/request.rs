//! A call that wants an answer.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::call::Call;
use super::{RequestId, Version};

/// Calls a method and waits for the answer with the same id.
///
/// Reading one needs an `id` member; `"id": null` is an id. Where notifications may come too, read
/// an [`Incoming`](super::Incoming).
///
/// # Examples
///
/// ```
/// use dig_rpc_types::JsonRpcRequest;
/// use serde_json::json;
///
/// let request = JsonRpcRequest::new(1, "get_block", Some(json!({"height": 7})));
///
/// assert_eq!(
///     serde_json::to_value(&request)?,
///     json!({"jsonrpc": "2.0", "id": 1, "method": "get_block", "params": {"height": 7}}),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonRpcRequest<P = Value> {
    /// The protocol version.
    pub jsonrpc: Version,
    /// What the answer will carry as well.
    pub id: RequestId,
    /// The name of the method; names that begin with `rpc.` are reserved.
    pub method: String,
    /// The arguments, by position or by name; left out when `None`, and `null` is read as `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<P>,
}

impl<P> JsonRpcRequest<P> {
    /// Creates a request.
    #[must_use]
    pub fn new(id: impl Into<RequestId>, method: impl Into<String>, params: Option<P>) -> Self {
        Self {
            jsonrpc: Version,
            id: id.into(),
            method: method.into(),
            params,
        }
    }
}

impl<'de, P: Deserialize<'de>> Deserialize<'de> for JsonRpcRequest<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Call {
            jsonrpc,
            id,
            method,
            params,
        } = Call::read(deserializer, "a JSON-RPC request")?;
        let id = id.ok_or_else(|| D::Error::missing_field("id"))?;
        Ok(Self {
            jsonrpc,
            id,
            method,
            params,
        })
    }
}

#[cfg(test)]
mod tests;
