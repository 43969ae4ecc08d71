//! JSON-RPC over WebSockets: feature `ws`, [`HttpOptions::websocket`](super::HttpOptions::websocket).
//!
//! | file | what is in it |
//! |---|---|
//! | `options` | what can be set |
//! | `upgrade` | whether a request is fit to become a WebSocket (RFC 6455, section 4.2) |
//! | `desk` | the subscriptions of one connection |
//! | `pushed` | what a subscription says, as bytes |
//! | `session` | one connection, from the upgrade to its end |
//!
//! # Invariants
//!
//! - **INV-P1** A call that subscribes is answered before the first item is sent.
//! - **INV-P2** A stream is polled only while fewer than 16 messages wait to be written; nothing
//!   is read from a client meanwhile. So a slow client costs bounded memory.
//! - **INV-P3** A subscription that ends on this side says so, with its reason: `error` in place of
//!   `result`, `null` if the stream just ended. After the answer to its end by the client, nothing of
//!   it is sent.
//! - **INV-P4** All of a connection runs in its one task: calls, streams, reads and writes.

mod desk;
mod options;
mod pushed;
mod session;
mod upgrade;

pub use self::options::WebSocketOptions;
pub(super) use self::session::serve;
pub(super) use self::upgrade::{Upgrade, is_upgrade, switch};
