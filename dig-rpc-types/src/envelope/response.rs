//! The answer to a request: a result or an error, never both.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{JsonRpcError, RequestId, Version, object};

/// Answers the request with the same id.
///
/// Reading is strict: exactly one of `result` and `error` must be there. `"result": null` is a
/// result; `"error": null` is an error member, and not a valid one.
///
/// # Examples
///
/// ```
/// use dig_rpc_types::JsonRpcResponse;
/// use serde_json::json;
///
/// let response = JsonRpcResponse::success(1, json!(19));
/// let text = serde_json::to_string(&response)?;
///
/// assert_eq!(text, r#"{"jsonrpc":"2.0","id":1,"result":19}"#);
/// assert_eq!(serde_json::from_str::<JsonRpcResponse>(&text)?, response);
/// assert_eq!(response.into_result().unwrap(), json!(19));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonRpcResponse<R = Value> {
    /// The protocol version.
    pub jsonrpc: Version,
    /// The id of the request; null if the server could not read it.
    pub id: RequestId,
    /// The `result` or `error` member.
    #[serde(flatten)]
    pub body: JsonRpcResponseBody<R>,
}

impl<R> JsonRpcResponse<R> {
    /// Creates the answer of a call that went well.
    #[must_use]
    pub fn success(id: impl Into<RequestId>, result: R) -> Self {
        Self {
            jsonrpc: Version,
            id: id.into(),
            body: JsonRpcResponseBody::Success { result },
        }
    }

    /// Creates the answer of a call that failed.
    #[must_use]
    pub fn error(id: impl Into<RequestId>, error: JsonRpcError) -> Self {
        Self {
            jsonrpc: Version,
            id: id.into(),
            body: JsonRpcResponseBody::Error { error },
        }
    }

    /// Returns the result.
    ///
    /// # Errors
    ///
    /// The error the server answered with.
    pub fn into_result(self) -> Result<R, JsonRpcError> {
        self.body.into()
    }
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for JsonRpcResponse<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members {
            jsonrpc,
            id,
            result,
            error,
        } = object::members(deserializer, "a JSON-RPC response")?;
        Ok(Self {
            jsonrpc,
            id,
            body: either(result, error)?,
        })
    }
}

/// Holds the outcome of a call, as the member that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum JsonRpcResponseBody<R = Value> {
    /// The call went well.
    Success {
        /// What the method returned.
        result: R,
    },
    /// The call failed.
    Error {
        /// Why it failed.
        error: JsonRpcError,
    },
}

impl<R> From<Result<R, JsonRpcError>> for JsonRpcResponseBody<R> {
    fn from(outcome: Result<R, JsonRpcError>) -> Self {
        match outcome {
            Ok(result) => Self::Success { result },
            Err(error) => Self::Error { error },
        }
    }
}

impl<R> From<JsonRpcResponseBody<R>> for Result<R, JsonRpcError> {
    fn from(body: JsonRpcResponseBody<R>) -> Self {
        match body {
            JsonRpcResponseBody::Success { result } => Ok(result),
            JsonRpcResponseBody::Error { error } => Err(error),
        }
    }
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for JsonRpcResponseBody<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Outcome { result, error } = object::members(deserializer, "a JSON-RPC response body")?;
        either(result, error)
    }
}

#[derive(Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
struct Members<R> {
    jsonrpc: Version,
    id: RequestId,
    #[serde(default = "Option::default", deserialize_with = "object::present")]
    result: Option<R>,
    #[serde(default, deserialize_with = "object::present")]
    error: Option<JsonRpcError>,
}

#[derive(Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
struct Outcome<R> {
    #[serde(default = "Option::default", deserialize_with = "object::present")]
    result: Option<R>,
    #[serde(default, deserialize_with = "object::present")]
    error: Option<JsonRpcError>,
}

/// Makes a body of exactly one of the two members.
fn either<R, E: Error>(
    result: Option<R>,
    error: Option<JsonRpcError>,
) -> Result<JsonRpcResponseBody<R>, E> {
    match (result, error) {
        (Some(result), None) => Ok(JsonRpcResponseBody::Success { result }),
        (None, Some(error)) => Ok(JsonRpcResponseBody::Error { error }),
        (Some(_), Some(_)) => Err(E::custom(
            "a JSON-RPC response has `result` or `error`, not both",
        )),
        (None, None) => Err(E::custom(
            "a JSON-RPC response needs `result` or `error`, and has neither",
        )),
    }
}

#[cfg(test)]
mod tests;
