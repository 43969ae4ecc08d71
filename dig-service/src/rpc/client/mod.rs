//! Calling a node by its methods: what `client = NodeClient` in `#[node]` is made of.
//!
//! | item | what it is |
//! |---|---|
//! | [`RpcTransport`] | carries calls: implement it for a transport of your own |
//! | [`Local`] | calls a node in the same process |
//! | `HttpTransport` | calls a server over HTTP; feature `client` |
//! | `WsTransport` | calls a server over a WebSocket, and subscribes; feature `client` |
//! | [`SubscribeTransport`], [`Subscription`] | methods that push |
//! | [`batched`] | gathers the calls of typed clients into batches |
//! | [`ClientError`], [`TransportError`] | how a call ends that gives no result |
//!
//! A transport carries names and JSON values; the typed client that stands on it turns arguments
//! into params, and answers into results and errors of the method's own types.

mod batch;
mod error;
#[cfg(feature = "client")]
mod http;
mod local;
#[cfg(feature = "client")]
mod message;
mod subscription;
#[cfg(feature = "client")]
mod target;
mod transport;
pub(crate) mod typed;
#[cfg(feature = "client")]
mod ws;

pub use self::batch::{Gathering, batched};
pub use self::error::{ClientError, TransportError};
#[cfg(feature = "client")]
pub use self::http::HttpTransport;
pub use self::local::Local;
pub use self::subscription::{PushError, Pushes, SubscribeTransport, Subscription};
#[cfg(feature = "client")]
pub use self::target::InvalidTransport;
pub use self::transport::{Answer, OutgoingCall, RpcTransport};
#[cfg(feature = "client")]
pub use self::ws::{WsTarget, WsTransport};
