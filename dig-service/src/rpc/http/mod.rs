//! The JSON-RPC server over HTTP: feature `http`, [`ServiceBuilder::rpc_http`].
//!
//! It is bound after `pre_start`, serves calls while the service runs, refuses them while it stops,
//! answers probes throughout, and closes after `post_stop`. Every connection is a tracked task.
//!
//! [`ServiceBuilder::rpc_http`]: crate::ServiceBuilder::rpc_http
#![doc = include_str!("page.md")]

mod accept;
mod body;
mod connection;
mod guard;
mod hooks;
mod listen;
mod options;
mod probes;
mod refusal;
mod server;
mod socket;
#[cfg(feature = "ws")]
mod websocket;

pub use self::hooks::RequestHead;
pub use self::options::HttpOptions;
pub(crate) use self::options::Page;
pub(crate) use self::server::{HttpServer, NAME};
#[cfg(feature = "ws")]
pub use self::websocket::WebSocketOptions;
