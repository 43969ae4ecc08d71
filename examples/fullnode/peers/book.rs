//! Who is connected, and which of two connections to one peer stays.
//!
//! Two nodes that dial each other end up with two connections, and both must drop the same one
//! without asking. So the choice depends only on what both know (INV-P1):
//!
//! | the two connections | what stays |
//! |---|---|
//! | one dialed by each side | the one that the node with the smaller id dialed |
//! | both dialed by this node | the older; the dialer does not confirm the newer |
//! | both dialed by the peer | the newer: it confirmed it, so it has given up the older |

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dig_service::schemars::{self, JsonSchema};
use dig_service::{PeerId, PeerInfo, ShutdownReason, ShutdownToken};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use crate::blob::BlobHash;

/// How many messages to one peer may wait to be sent. Those of this node fit into the reserve.
pub(super) const OUTBOX: usize = 64;
const RESERVE: usize = 24;

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// The peer.
    Inbound,
    /// This node.
    Outbound,
}

/// What is to be sent on a connection. Blobs are read when their turn comes, so none waits here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// Ask for a blob.
    Request(BlobHash),
    /// Let the peer announce more.
    More,
    /// Answer a request.
    Serve(BlobHash),
    /// The peer wants to hear more.
    Credit,
}

/// The book.
#[derive(Debug, Default)]
pub(crate) struct Book {
    connections: Mutex<BTreeMap<PeerId, Connection>>,
    /// Counts departures.
    departures: watch::Sender<u64>,
}

/// A connection that is in the book, or wants to be.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) info: PeerInfo,
    pub(super) direction: Direction,
    pub(super) outbox: mpsc::Sender<Outgoing>,
    /// Ends this connection only.
    pub(super) stop: ShutdownToken,
}

/// The place of a connection in the book; dropping it takes the connection out.
#[derive(Debug)]
pub(super) struct Place<'a> {
    book: &'a Book,
    peer: PeerId,
}

/// Another connection to the same peer stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Duplicate;

/// The outbox is full: more was asked for than a peer may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// A connected peer, as `node.peers` shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PeerView {
    peer_id: BlobHash,
    addr: String,
    node_type: String,
    direction: Direction,
}

impl Book {
    /// Takes a connection in; one that has to make way is stopped, and waited for.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was dropped meanwhile is not in the book.
    pub(super) async fn admit(
        &self,
        own: PeerId,
        newcomer: Connection,
    ) -> Result<Place<'_>, Duplicate> {
        let peer = newcomer.info.peer_id;
        let mut departures = self.departures.subscribe();
        loop {
            {
                let mut connections = self.lock();
                let Some(incumbent) = connections.get(&peer) else {
                    connections.insert(peer, newcomer);
                    return Ok(Place { book: self, peer });
                };
                if !gives_way(incumbent.direction, newcomer.direction, own, peer) {
                    return Err(Duplicate);
                }
                incumbent.stop.cancel(ShutdownReason::RequestedByRun);
            }
            // The sender lives as long as the book.
            let _ = departures.changed().await;
        }
    }

    /// Waits until a peer is not connected.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(super) async fn left(&self, peer: PeerId) {
        let mut departures = self.departures.subscribe();
        while self.lock().contains_key(&peer) {
            let _ = departures.changed().await;
        }
    }

    /// Queues a message of this node's own; does nothing if the peer is gone. A peer that lets even
    /// these pile up is cut off.
    pub(super) fn send(&self, peer: PeerId, outgoing: Outgoing) {
        if let Some(connection) = self.lock().get(&peer)
            && connection.outbox.try_send(outgoing).is_err()
        {
            connection.stop.cancel(ShutdownReason::RequestedByRun);
        }
    }

    /// Queues the answer to a message of the peer, unless too many wait already (INV-P2).
    pub(super) fn answer(&self, peer: PeerId, outgoing: Outgoing) -> Result<(), Full> {
        let connections = self.lock();
        let Some(connection) = connections.get(&peer) else {
            return Ok(());
        };
        if connection.outbox.capacity() <= RESERVE {
            return Err(Full);
        }
        connection.outbox.try_send(outgoing).map_err(|_| Full)
    }

    /// Lists the connected peers.
    pub(crate) fn peers(&self) -> Vec<PeerView> {
        let connections = self.lock();
        connections.values().map(PeerView::of).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PeerId, Connection>> {
        let connections = self.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.book.lock().remove(&self.peer);
        self.book.departures.send_modify(|count| *count += 1);
    }
}

impl PeerView {
    fn of(connection: &Connection) -> Self {
        let info = &connection.info;
        Self {
            peer_id: BlobHash(info.peer_id),
            addr: info.remote_addr.clone(),
            node_type: info.node_type.clone(),
            direction: connection.direction,
        }
    }
}

/// Whether the connection that is there makes way for the new one.
fn gives_way(incumbent: Direction, newcomer: Direction, own: PeerId, peer: PeerId) -> bool {
    match (incumbent, newcomer) {
        (Direction::Outbound, Direction::Outbound) => false,
        (Direction::Inbound, Direction::Inbound) => true,
        (Direction::Inbound, Direction::Outbound) => own < peer,
        (Direction::Outbound, Direction::Inbound) => peer < own,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const SMALL: PeerId = [1; 32];
    const LARGE: PeerId = [2; 32];

    fn connection(peer_id: PeerId, direction: Direction) -> Connection {
        Connection {
            info: PeerInfo {
                peer_id,
                remote_addr: "127.0.0.1:1".to_owned(),
                node_type: "test".to_owned(),
            },
            direction,
            outbox: mpsc::channel(OUTBOX).0,
            stop: ShutdownToken::new(),
        }
    }

    #[test]
    fn both_sides_keep_the_same_connection() {
        use Direction::{Inbound, Outbound};
        // One connection each; at the small node its own is outbound, at the large one inbound.
        let small_keeps_its_own = !gives_way(Outbound, Inbound, SMALL, LARGE);
        let large_takes_it = gives_way(Outbound, Inbound, LARGE, SMALL);
        let large_keeps_it = !gives_way(Inbound, Outbound, LARGE, SMALL);
        let small_prefers_its_own = gives_way(Inbound, Outbound, SMALL, LARGE);

        assert!(small_keeps_its_own && large_takes_it);
        assert!(large_keeps_it && small_prefers_its_own);
    }

    #[tokio::test]
    async fn the_newcomer_enters_when_the_incumbent_has_left() {
        let book = Book::default();
        let old = connection(LARGE, Direction::Inbound);
        let stop = old.stop.clone();
        let place = book.admit(SMALL, old).await.unwrap();

        let newer = connection(LARGE, Direction::Inbound);
        let mut admission = Box::pin(book.admit(SMALL, newer));
        assert!(admission.as_mut().now_or_never().is_none());
        assert!(stop.is_cancelled());

        drop(place);
        assert!(admission.await.is_ok());
    }

    #[tokio::test]
    async fn a_second_connection_of_this_node_is_a_duplicate() {
        let book = Book::default();
        let _place = book
            .admit(SMALL, connection(LARGE, Direction::Outbound))
            .await;

        let second = book.admit(SMALL, connection(LARGE, Direction::Outbound));

        assert_eq!(second.await.err(), Some(Duplicate));
        assert_eq!(book.peers().len(), 1);
    }

    #[tokio::test]
    async fn a_peer_cannot_use_up_what_is_reserved_for_this_node() {
        let book = Book::default();
        let (outbox, _inbox) = mpsc::channel(OUTBOX);
        let mut greedy = connection(LARGE, Direction::Inbound);
        greedy.outbox = outbox;
        let stop = greedy.stop.clone();
        let _place = book.admit(SMALL, greedy).await;

        let answered = (0..OUTBOX)
            .take_while(|_| book.answer(LARGE, Outgoing::Credit).is_ok())
            .count();

        assert_eq!(answered, OUTBOX - RESERVE);
        book.send(LARGE, Outgoing::More);
        assert!(!stop.is_cancelled());
    }
}
