//! From a method's error to the one that is sent.

use std::convert::Infallible;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;

use crate::error::ServiceError;
use crate::rpc::ErrorInfo;

/// An error type that an `#[rpc]` method may return.
///
/// [`JsonRpcError`] is sent as it is, an [`ErrorCode`] with its default message. An `anyhow::Error` is sent as `InternalError` with the text
/// `internal error`: what went wrong inside is logged, not told to the caller. For a type of your
/// own, derive the mapping with `#[derive(dig_service::RpcError)]` or write it.
///
/// # Examples
///
/// ```
/// use dig_service::{ErrorCode, IntoRpcError, JsonRpcError};
///
/// struct Behind(u64);
///
/// impl IntoRpcError for Behind {
///     fn into_rpc_error(self) -> JsonRpcError {
///         JsonRpcError::new(ErrorCode::NotSynced, format!("{} blocks behind", self.0))
///     }
/// }
///
/// assert_eq!(Behind(12).into_rpc_error().message, "12 blocks behind");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as the error type of an `#[rpc]` method",
    label = "not an RPC error",
    note = "return `JsonRpcError`, or derive the mapping with `#[derive(dig_service::RpcError)]` on `{Self}`",
    note = "an `anyhow::Error` is sent as an internal error, and logged"
)]
pub trait IntoRpcError {
    /// Makes the error that is sent.
    fn into_rpc_error(self) -> JsonRpcError;

    /// Lists what may be sent, for `rpc.discover`; by default nothing.
    #[must_use]
    fn declared() -> &'static [ErrorInfo]
    where
        Self: Sized,
    {
        &[]
    }

    /// Makes the error of this type that was sent as `error`, for a typed client.
    ///
    /// By default it is not known to be one. `#[derive(RpcError)]` recognises variants without
    /// fields, and those marked `fields`, by their code.
    ///
    /// # Errors
    ///
    /// `error` itself, if it is none of this type.
    fn from_rpc_error(error: JsonRpcError) -> Result<Self, JsonRpcError>
    where
        Self: Sized,
    {
        Err(error)
    }
}

impl IntoRpcError for JsonRpcError {
    fn into_rpc_error(self) -> JsonRpcError {
        self
    }

    /// Takes every error as it is.
    fn from_rpc_error(error: JsonRpcError) -> Result<Self, JsonRpcError> {
        Ok(error)
    }
}

impl IntoRpcError for ErrorCode {
    /// Says what the code says by default.
    fn into_rpc_error(self) -> JsonRpcError {
        self.into()
    }

    /// Takes the code of an error that says no more than its code does.
    fn from_rpc_error(error: JsonRpcError) -> Result<Self, JsonRpcError> {
        let code = error.code;
        match JsonRpcError::from(code) == error {
            true => Ok(code),
            false => Err(error),
        }
    }
}

impl IntoRpcError for Infallible {
    /// Never happens.
    fn into_rpc_error(self) -> JsonRpcError {
        match self {}
    }
}

impl IntoRpcError for anyhow::Error {
    /// Hides the text, which may hold paths, queries or keys, and logs it.
    fn into_rpc_error(self) -> JsonRpcError {
        internal(&self)
    }

    fn declared() -> &'static [ErrorInfo] {
        const { &[INTERNAL] }
    }
}

impl IntoRpcError for ServiceError {
    /// Hides the text, as for `anyhow::Error`.
    fn into_rpc_error(self) -> JsonRpcError {
        internal(&anyhow::Error::new(self))
    }

    fn declared() -> &'static [ErrorInfo] {
        const { &[INTERNAL] }
    }
}

/// What is said of an error whose text is hidden.
const INTERNAL: ErrorInfo = ErrorInfo::new(
    ErrorCode::InternalError.code(),
    "internal error",
    "What went wrong is in the service's log.",
);

#[cold]
fn internal(hidden: &anyhow::Error) -> JsonRpcError {
    tracing::error!(error = format_args!("{hidden:#}"), "RPC method failed");
    JsonRpcError::new(ErrorCode::InternalError, "internal error")
}
