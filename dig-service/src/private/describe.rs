//! What a node with `discover` names.

use serde_json::Value;

use super::future::RpcResult;
use crate::rpc::openrpc::document;
pub use crate::rpc::openrpc::{About, Described};
use crate::rpc::{RpcApi, Slots};

/// Answers `rpc.discover`, which takes no params.
pub fn discover<N: RpcApi>(params: Value, about: About) -> RpcResult {
    Slots::<0>::new(params, &[])?;
    Ok(document(about, N::methods()))
}
