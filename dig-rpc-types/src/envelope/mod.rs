//! The envelopes: what a call and its answer look like, whatever is inside them.
//!
//! | JSON | type |
//! |---|---|
//! | object with `method` and `id` | [`JsonRpcRequest`] |
//! | object with `method`, without `id` | [`JsonRpcNotification`] |
//! | either of the two | [`Incoming`] |
//! | object with `id` and `result` or `error` | [`JsonRpcResponse`] |
//! | the `error` member | [`JsonRpcError`] |
//!
//! Rules that hold for all of them:
//!
//! - An envelope is a JSON object. Arrays with the members in order are refused.
//! - `jsonrpc` must be there and must be `"2.0"` ([`Version`]).
//! - Members the specification does not name are skipped: it does not forbid them, and peers add some.
//! - A member given twice is refused when read from text. A [`serde_json::Value`] cannot hold a
//!   member twice; whoever parses into one first has already chosen the last.
//! - An id is echoed as the value it was sent as ([`RequestId`] says what that means for numbers).
//! - `"id": null` is a request, no `id` a notification. `"params": null` counts as no params.
//!
//! Not decided here: what is inside `params`. The type `P` says that. A server that keeps the default,
//! [`serde_json::Value`], checks itself that params are an array or an object.

mod call;
mod error;
mod id;
mod incoming;
mod notification;
mod object;
mod request;
mod response;
mod version;

pub use error::JsonRpcError;
pub use id::{InvalidRequestId, RequestId};
pub use incoming::Incoming;
pub use notification::JsonRpcNotification;
pub use request::JsonRpcRequest;
pub use response::{JsonRpcResponse, JsonRpcResponseBody};
pub use version::Version;

#[cfg(test)]
mod strategies;
