//! The trait behind every RPC surface.

use async_trait::async_trait;
use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde_json::Value;

use crate::rpc::{MethodInfo, RpcContext};

/// Answers JSON-RPC calls by method name.
///
/// `#[dig_service::node]` writes this trait from `#[rpc]` methods. `()` fills the slot of a service
/// without RPC and answers `MethodNotFound` to everything.
#[diagnostic::on_unimplemented(
    message = "`{Self}` answers no JSON-RPC calls",
    label = "has no `RpcApi`",
    note = "mark its `impl` block with `#[dig_service::node]`, or the type itself if it has no methods; without RPC, use `Service::builder`"
)]
#[async_trait]
pub trait RpcApi: Send + Sync + 'static {
    /// Calls a method.
    ///
    /// `params` is what the request carried: an array, an object, or null when there was none.
    ///
    /// # Errors
    ///
    /// The error to send; an unknown method is `MethodNotFound`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops that of the method, at the `.await` where it stands.
    async fn dispatch(&self, method: &str, params: Value) -> Result<Value, JsonRpcError>;

    /// Calls a method that may look at who calls; by default as [`dispatch`](Self::dispatch).
    ///
    /// # Errors
    ///
    /// As [`dispatch`](Self::dispatch).
    ///
    /// # Cancel safety
    ///
    /// As [`dispatch`](Self::dispatch).
    async fn dispatch_cx(
        &self,
        _cx: &RpcContext,
        method: &str,
        params: Value,
    ) -> Result<Value, JsonRpcError> {
        self.dispatch(method, params).await
    }

    /// Lists the methods; by default none, which says nothing of what `dispatch` answers.
    #[must_use]
    fn methods() -> &'static [MethodInfo]
    where
        Self: Sized,
    {
        &[]
    }

    /// Answers the health probe; by default all is well.
    ///
    /// # Errors
    ///
    /// What is wrong.
    async fn healthz(&self) -> Result<(), JsonRpcError> {
        Ok(())
    }
}

#[async_trait]
impl RpcApi for () {
    async fn dispatch(&self, method: &str, _params: Value) -> Result<Value, JsonRpcError> {
        Err(JsonRpcError {
            code: ErrorCode::MethodNotFound,
            message: format!("method `{method}` not found: this service has no RPC methods"),
            data: None,
        })
    }
}
