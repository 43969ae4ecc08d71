//! Whether a method returns a `Result` or a plain value, told by its type.
//!
//! `(&r).__dig_kind()` finds the impl on `Result` first, as it needs one reference less; so an alias
//! of `Result` is seen as one, and a serializable `Result` is never sent as `{"Err": ..}`. The tags
//! have no bounds: those are checked one by one on the tag's methods, where the error has a place.

use std::convert::Infallible;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde::Serialize;
use serde_json::Value;

use super::future::{HookResult, RpcResult};
use crate::rpc::IntoRpcError;

/// A type that an `#[rpc]` method can answer with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as the result of an `#[rpc]` method",
    label = "not serializable",
    note = "derive `serde::Serialize` for `{Self}`"
)]
pub trait Reply {
    /// Writes the value.
    fn write(self) -> serde_json::Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Reply for T {
    fn write(self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// The kind of a `Result`.
#[derive(Clone, Copy, Debug)]
pub struct ResultTag;

/// The kind of everything else.
#[derive(Clone, Copy, Debug)]
pub struct ValueTag;

/// Found on every `Result`.
pub trait ResultKind {
    /// Returns the tag.
    fn __dig_kind(&self) -> ResultTag;
}

impl<T, E> ResultKind for Result<T, E> {
    fn __dig_kind(&self) -> ResultTag {
        ResultTag
    }
}

/// Found on everything, at the price of one more reference.
pub trait ValueKind {
    /// Returns the tag.
    fn __dig_kind(&self) -> ValueTag;
}

impl<T: ?Sized> ValueKind for &T {
    fn __dig_kind(&self) -> ValueTag {
        ValueTag
    }
}

impl ResultTag {
    /// Takes a method's outcome apart.
    pub fn split<T, E>(self, outcome: Result<T, E>) -> Result<T, E> {
        outcome
    }

    /// Answers a call.
    pub fn ok<T: Reply>(self, value: T) -> RpcResult {
        value.write().map_err(|error| unwritable(&error))
    }

    /// Refuses a call.
    pub fn err<E: IntoRpcError>(self, error: E) -> RpcResult {
        Err(error.into_rpc_error())
    }

    /// Ends a hook.
    pub fn hook<E: Into<anyhow::Error>>(self, outcome: Result<(), E>) -> HookResult {
        outcome.map_err(Into::into)
    }
}

impl ValueTag {
    /// Takes a method's outcome, which cannot have failed.
    pub fn split<T>(self, value: T) -> Result<T, Infallible> {
        Ok(value)
    }

    /// Answers a call.
    pub fn ok<T: Reply>(self, value: T) -> RpcResult {
        value.write().map_err(|error| unwritable(&error))
    }

    /// Never happens.
    pub fn err(self, error: Infallible) -> RpcResult {
        match error {}
    }

    /// Ends a hook.
    pub fn hook(self, (): ()) -> HookResult {
        Ok(())
    }
}

#[cold]
fn unwritable(error: &serde_json::Error) -> JsonRpcError {
    tracing::error!(%error, "RPC result cannot be written as JSON");
    JsonRpcError::new(ErrorCode::InternalError, "internal error")
}
