//! What is said about params that do not fit. All of it is off the fast path.

use std::fmt;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde_json::Value;

#[cold]
fn invalid(message: String) -> JsonRpcError {
    JsonRpcError::new(ErrorCode::InvalidParams, message)
}

#[cold]
pub(super) fn too_many(most: usize, given: usize) -> JsonRpcError {
    invalid(match most {
        0 => format!("expected no params, got {given}"),
        1 => format!("expected at most 1 param, got {given}"),
        _ => format!("expected at most {most} params, got {given}"),
    })
}

#[cold]
pub(super) fn unknown(name: &str) -> JsonRpcError {
    invalid(format!("unknown param `{name}`"))
}

#[cold]
pub(super) fn twice(name: &str) -> JsonRpcError {
    invalid(format!("param `{name}` is given twice"))
}

#[cold]
pub(super) fn missing(name: &str) -> JsonRpcError {
    invalid(format!("missing param `{name}`"))
}

#[cold]
pub(super) fn wrong(name: &str, error: &dyn fmt::Display) -> JsonRpcError {
    // Whether the method borrows it is nothing to the caller.
    let error = error.to_string().replace("a borrowed string", "a string");
    invalid(format!("param `{name}`: {error}"))
}

#[cold]
pub(super) fn wrong_whole(error: &dyn fmt::Display) -> JsonRpcError {
    invalid(format!("params: {error}"))
}

#[cold]
pub(super) fn by_name_only() -> JsonRpcError {
    invalid("expected params by name, got an array".to_owned())
}

#[cold]
pub(super) fn by_position_only() -> JsonRpcError {
    invalid("expected params by position, got an object".to_owned())
}

#[cold]
pub(super) fn neither(given: &Value) -> JsonRpcError {
    let kind = match given {
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Null | Value::Array(_) | Value::Object(_) => "another value",
    };
    invalid(format!(
        "expected params as an array or an object, got {kind}"
    ))
}
