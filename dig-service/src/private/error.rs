//! The parts of the error that `#[derive(RpcError)]` makes.

use std::fmt;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde::Serialize;
use serde_json::Value;

/// Returns the code of a number.
#[must_use]
pub fn error_code(number: i32) -> ErrorCode {
    ErrorCode::from(number)
}

/// Returns a fixed message.
#[must_use]
pub fn text(message: &str) -> String {
    message.to_owned()
}

/// Returns the message of an error.
#[must_use]
pub fn display<E: fmt::Display>(error: &E) -> String {
    error.to_string()
}

/// Returns the data of an error; what cannot be written as JSON is left out.
pub fn data<T: Serialize>(data: T) -> Option<Value> {
    serde_json::to_value(data)
        .ok()
        .filter(|data| !data.is_null())
}

/// Joins the parts.
#[must_use]
pub fn rpc_error(code: ErrorCode, message: String, data: Option<Value>) -> JsonRpcError {
    JsonRpcError {
        code,
        message,
        data,
    }
}
