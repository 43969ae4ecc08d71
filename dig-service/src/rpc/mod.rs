//! The RPC slot: JSON-RPC methods of a node, and the ways to reach them.
//!
//! | item | what it is |
//! |---|---|
//! | [`RpcApi`] | the methods, by name; `#[dig_service::node]` writes it |
//! | [`RpcContext`] | who calls, and through what |
//! | [`IntoRpcError`] | what a method may return as its error |
//! | [`MethodInfo`] | what a node says of its methods |
//! | `openrpc` | the same as a document |
//! | [`client`] | calling a node by its methods |

mod api;
pub mod client;
mod context;
mod extensions;
#[cfg(any(feature = "ws", feature = "client"))]
mod frames;
#[cfg(feature = "http")]
pub mod http;
mod info;
mod into_error;
#[cfg(feature = "openrpc")]
pub(crate) mod openrpc;
mod params;
pub(crate) mod probe;
pub(crate) mod push;
#[cfg(feature = "http")]
pub(crate) mod wire;

pub use self::api::RpcApi;
pub use self::context::{RpcContext, Transport};
pub(crate) use self::info::ADMIN;
pub use self::info::{ErrorInfo, MethodInfo, ParamInfo, ParamStructure};
pub use self::into_error::IntoRpcError;
pub use self::params::{BorrowedParam, Param, Shape, Slots, Whole};
