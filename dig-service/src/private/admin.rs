//! The methods that `admin` adds to a node.

use serde_json::Value;

use super::future::{BoxFut, RpcResult};
use crate::rpc::RpcContext;
pub use crate::service::ADMIN_METHODS;
use crate::service::answer_admin;

/// Whether a method is one of those that `admin` adds.
#[must_use]
pub fn is_admin(method: &str) -> bool {
    ADMIN_METHODS.iter().any(|info| info.name() == method)
}

/// Answers a method that `admin` adds.
#[must_use]
pub fn admin<'z>(cx: &'z RpcContext, method: &'z str, params: Value) -> BoxFut<'z, RpcResult> {
    Box::pin(answer_admin(cx, method, params))
}
