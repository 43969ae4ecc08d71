//! Peers: nodes that hold the same blobs, over TCP.
//!
//! | file | what it is |
//! |---|---|
//! | `frame`, `message`, `handshake` | the wire: length-prefixed frames, what they say, who speaks |
//! | `book` | who is connected; decides between two connections to one peer |
//! | `wants` | what is missing, who has it, who is asked for it: pure, without clock or task |
//! | `session` | one connection from handshake to disconnect |
//! | `announcer` | what this node tells a peer of its blobs |
//! | `listen`, `dial`, `serve` | where connections come from, and the tasks that see to it |
//! | `api` | the [`PeerApi`](dig_service::PeerApi) that all of it is dispatched through |
//!
//! # The protocol
//!
//! The two greet each other (`HELLO`), and the dialer confirms (`READY`) or leaves. Then each side
//! reads its journal of arrivals to the other, from the beginning and on as it grows, in pages
//! (`ANNOUNCE`). The other side asks for what it misses (`REQUEST`), gets it (`BLOB`) or hears that
//! it is gone (`ABSENT`), and lets the next page come when most of the last is settled (`MORE`).
//!
//! # Invariants
//!
//! - **INV-P1** One connection per peer: `on_peer_connected` and `on_peer_disconnected` of one peer
//!   alternate, and every message lies between them.
//! - **INV-P2** A peer is owed at most one page of announcements and a window of blobs; whoever
//!   sends more, or what was not asked for, breaks the protocol. So nothing queues without bound.
//! - **INV-P3** A blob is stored only if its SHA-256 is the hash that was asked for.
//! - **INV-P4** A blob is asked of one peer at a time; of another only when that one is overdue,
//!   gone, or does not have it.
//! - **INV-P5** What a peer does wrong costs it its connection, and nothing else.

mod announcer;
mod api;
mod book;
mod dial;
mod frame;
mod handshake;
mod listen;
mod message;
mod serve;
mod session;
mod wants;

use std::time::Duration;

pub(crate) use self::api::Peers;
pub(crate) use self::book::PeerView;
pub(crate) use self::dial::PeerAddr;

/// How many blobs are asked of one peer at once.
const WINDOW: usize = 16;
/// How many hashes one announcement has at most.
const PAGE: usize = 1000;
/// A peer may announce the next page when no more than this is left of the ones before.
const LOW_WATER: usize = 256;
/// How long a peer is waited for before another one is asked for the same blob.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
/// How long a peer may take to greet.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(5);
/// A connection that is silent for so long sends a `PING`.
const PING_AFTER: Duration = Duration::from_secs(5);
/// A connection on which nothing comes for so long, or nothing can be sent, is dead.
const SILENCE_PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests;
