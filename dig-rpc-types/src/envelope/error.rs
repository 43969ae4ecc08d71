//! The `error` member: code, message and, if there is more to say, data.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::object;
use crate::errors::ErrorCode;

/// Tells the caller why there is no result.
///
/// # Examples
///
/// ```
/// use dig_rpc_types::{ErrorCode, JsonRpcError};
/// use serde_json::json;
///
/// let error = JsonRpcError::new(ErrorCode::NotSynced, "12 blocks behind")
///     .with_data(json!({"behind": 12}));
///
/// assert_eq!(
///     serde_json::to_value(&error)?,
///     json!({"code": 10001, "message": "12 blocks behind", "data": {"behind": 12}}),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonRpcError {
    /// What went wrong, for the program that called.
    pub code: ErrorCode,
    /// What went wrong, for the person who reads it: one short sentence.
    pub message: String,
    /// What else the server wants to say; left out when `None`. `null` is kept as `Some(Null)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl JsonRpcError {
    /// Creates an error without data.
    #[must_use]
    pub fn new(code: impl Into<ErrorCode>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            data: None,
        }
    }

    /// Adds data, in place of any there was.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.data = Some(data.into());
        self
    }
}

impl fmt::Display for JsonRpcError {
    /// Writes the message and the number of the code: `12 blocks behind (10001)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code.code())
    }
}

impl std::error::Error for JsonRpcError {}

impl From<ErrorCode> for JsonRpcError {
    /// Creates an error that says what the code says by default.
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.message())
    }
}

impl<'de> Deserialize<'de> for JsonRpcError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members {
            code,
            message,
            data,
        } = object::members(deserializer, "a JSON-RPC error")?;
        Ok(Self {
            code,
            message,
            data,
        })
    }
}

#[derive(Deserialize)]
struct Members {
    code: ErrorCode,
    message: String,
    #[serde(default, deserialize_with = "object::present")]
    data: Option<Value>,
}

#[cfg(test)]
mod tests;
