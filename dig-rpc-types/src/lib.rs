//! JSON-RPC 2.0 on the wire: requests, notifications, responses, errors and their codes.
//!
//! The crate promises that what it reads is valid JSON-RPC 2.0, that an id comes back as the value
//! it was sent as, and that an error code nobody knows survives a round trip. It does no I/O, knows
//! no transport and runs no method; batches are left to the caller, as `Vec`s of these types.
//!
//! # Examples
//!
//! ```
//! use dig_rpc_types::{ErrorCode, Incoming, JsonRpcResponse};
//! use serde_json::json;
//!
//! let text = r#"{"jsonrpc":"2.0","id":7,"method":"chain.height"}"#;
//!
//! let reply: Option<JsonRpcResponse> = match serde_json::from_str::<Incoming>(text)? {
//!     Incoming::Notification(_) => None,
//!     Incoming::Request(request) => Some(match request.method.as_str() {
//!         "chain.height" => JsonRpcResponse::success(request.id, json!(42)),
//!         _ => JsonRpcResponse::error(request.id, ErrorCode::MethodNotFound.into()),
//!     }),
//! };
//!
//! assert_eq!(
//!     serde_json::to_value(reply)?,
//!     json!({"jsonrpc": "2.0", "id": 7, "result": 42}),
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

#![doc(test(attr(deny(warnings))))]

pub mod envelope;
pub mod errors;

pub use envelope::{
    Incoming, InvalidRequestId, JsonRpcError, JsonRpcNotification, JsonRpcRequest, JsonRpcResponse,
    JsonRpcResponseBody, RequestId, Version,
};
pub use errors::{ErrorCode, OtherCode};

/// Runs the README's examples as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
