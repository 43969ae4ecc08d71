//! What the application may look at, and refuse, before a call is run.

use std::fmt;
use std::sync::Arc;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;

use crate::error::guard;
use crate::rpc::RpcContext;
use crate::rpc::wire::Filter;

/// A request without its body: method, target, version and headers, as the crate `http` has them.
pub use axum::http::request::Parts as RequestHead;

type OnRequest = dyn Fn(&RequestHead, RpcContext) -> Result<RpcContext, JsonRpcError> + Send + Sync;

/// The hooks of a server, as far as they were given.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) on_request: Option<Arc<OnRequest>>,
    pub(super) filter: Option<Arc<Filter>>,
}

impl Hooks {
    /// Asks about a request; `None` if there is nobody to ask.
    pub(super) fn admit(
        &self,
        head: &RequestHead,
        cx: &RpcContext,
    ) -> Option<Result<RpcContext, JsonRpcError>> {
        let hook = self.on_request.as_ref()?;
        Some(guard(|| hook(head, cx.clone())).unwrap_or_else(|panic| {
            tracing::error!(panic = panic.message(), "`on_request` panicked");
            Err(JsonRpcError::new(
                ErrorCode::InternalError,
                "internal error",
            ))
        }))
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("on_request", &self.on_request.is_some())
            .field("filter", &self.filter.is_some())
            .finish()
    }
}
