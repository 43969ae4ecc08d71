//! The RPC slot: JSON-RPC methods of a node, and the ways to reach them.
//!
//! | item | what it is |
//! |---|---|
//! | [`RpcApi`] | the methods, by name; `#[dig_service::node]` writes it |
//! | [`RpcContext`] | who calls, and through what |

mod api;
mod context;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub(crate) mod wire;

pub use self::api::RpcApi;
pub use self::context::{RpcContext, Transport};
