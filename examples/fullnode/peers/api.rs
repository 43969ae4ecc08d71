//! The peer slot: what happens on connections, and what follows from it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use dig_service::{DisconnectReason, InboundMessage, PeerApi, PeerId, PeerIdHex, PeerInfo};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::WINDOW;
use super::book::{Book, Full, Outgoing};
use super::frame::Violation;
use super::message::Message;
use super::wants::{Command, Wants};
use crate::blob::{Blob, BlobHash};
use crate::store::Store;

/// The peers of a node. Clones share one state; the node has one, the service's peer slot another.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    book: Book,
    wants: Mutex<Wants>,
    /// To the keeper, which stores what comes.
    arrived: mpsc::Sender<Arrived>,
    /// The other end, until the keeper takes it.
    keeper: Mutex<Option<mpsc::Receiver<Arrived>>>,
    own: OnceLock<PeerId>,
    listens_at: OnceLock<SocketAddr>,
    violations: AtomicU64,
}

/// A blob that a peer has sent.
#[derive(Debug)]
struct Arrived {
    peer: PeerId,
    blob: Blob,
}

impl Peers {
    /// Makes the peers of a node that has none yet.
    pub(crate) fn new(store: Store) -> Self {
        // When the channel is full, reading from the peers waits for the disk.
        let (arrived, keeper) = mpsc::channel(2 * WINDOW);
        Self {
            shared: Arc::new(Shared {
                store,
                book: Book::default(),
                wants: Mutex::default(),
                arrived,
                keeper: Mutex::new(Some(keeper)),
                own: OnceLock::new(),
                listens_at: OnceLock::new(),
                violations: AtomicU64::new(0),
            }),
        }
    }

    /// Tells who this node is, once the store knows.
    pub(crate) fn identify(&self, own: PeerId) {
        let _ = self.shared.own.set(own);
    }

    /// Who this node is; all zeros before it knows.
    pub(crate) fn own(&self) -> PeerId {
        self.shared.own.get().copied().unwrap_or_default()
    }

    /// Where this node listens for peers, if it does.
    pub(crate) fn listens_at(&self) -> Option<SocketAddr> {
        self.shared.listens_at.get().copied()
    }

    pub(super) fn set_listens_at(&self, addr: SocketAddr) {
        let _ = self.shared.listens_at.set(addr);
    }

    /// Who is connected.
    pub(crate) fn book(&self) -> &Book {
        &self.shared.book
    }

    /// How often a peer broke the protocol.
    pub(crate) fn violations(&self) -> u64 {
        self.shared.violations.load(Ordering::Relaxed)
    }

    pub(super) fn count_violation(&self) {
        self.shared.violations.fetch_add(1, Ordering::Relaxed);
    }

    /// How many announced blobs are missing here.
    pub(crate) fn missing(&self) -> usize {
        self.wants(|wants| wants.len())
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Asks others for what a peer is late with.
    pub(crate) fn retry_overdue(&self) {
        self.carry_out(self.wants(|wants| wants.overdue(Instant::now())));
    }

    /// Stores what comes, as many blobs per commit as have come meanwhile; never returns.
    pub(super) async fn keep(&self) {
        let keeper = self.shared.keeper.lock();
        let keeper = keeper.unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut keeper) = keeper else {
            return;
        };
        let mut batch = Vec::new();
        while keeper.recv_many(&mut batch, 2 * WINDOW).await > 0 {
            let puts = batch.drain(..).map(|arrived| self.keep_one(arrived));
            join_all(puts).await;
        }
    }

    async fn keep_one(&self, Arrived { peer, blob }: Arrived) {
        let hash = blob.hash();
        let stored = self.shared.store.put(blob, peer).await;
        let commands = self.wants(|wants| match &stored {
            Ok(_) => wants.stored(hash, Instant::now()),
            Err(_) => wants.failed(hash, Instant::now()),
        });
        match stored {
            Ok(_) => tracing::debug!(%hash, peer = %PeerIdHex(&peer), "blob replicated"),
            Err(error) => tracing::error!(%hash, %error, "blob not stored"),
        }
        self.carry_out(commands);
    }

    async fn announced(&self, peer: PeerId, hashes: Vec<BlobHash>) -> anyhow::Result<()> {
        let missing = self.shared.store.missing(hashes).await?;
        let commands = self.wants(|wants| wants.announced(peer, &missing, Instant::now()))?;
        self.carry_out(commands);
        Ok(())
    }

    async fn arrived(&self, peer: PeerId, blob: Blob) -> anyhow::Result<()> {
        self.wants(|wants| wants.arrived(peer, blob.hash()))?;
        self.shared.arrived.send(Arrived { peer, blob }).await?;
        Ok(())
    }

    fn answer(&self, peer: PeerId, outgoing: Outgoing) -> Result<(), Violation> {
        let queued = self.shared.book.answer(peer, outgoing);
        queued.map_err(|Full| Violation("more requests than the window allows".to_owned()))
    }

    fn carry_out(&self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Request(peer, hash) => {
                    self.shared.book.send(peer, Outgoing::Request(hash));
                }
                Command::More(peer) => self.shared.book.send(peer, Outgoing::More),
            }
        }
    }

    fn wants<T>(&self, change: impl FnOnce(&mut Wants) -> T) -> T {
        let wants = self.shared.wants.lock();
        change(&mut wants.unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl PeerApi for Peers {
    async fn on_peer_connected(&self, peer: PeerId, info: PeerInfo) {
        let (addr, node_type) = (info.remote_addr, info.node_type);
        tracing::info!(peer = %PeerIdHex(&peer), addr, node_type, "peer connected");
        self.carry_out(self.wants(|wants| wants.connected(peer, Instant::now())));
    }

    async fn on_message(&self, peer: PeerId, message: InboundMessage) -> anyhow::Result<()> {
        match Message::decode(message)? {
            Message::Announce(hashes) => self.announced(peer, hashes).await,
            Message::Blob(blob) => self.arrived(peer, blob).await,
            Message::Request(hash) => Ok(self.answer(peer, Outgoing::Serve(hash))?),
            Message::More => Ok(self.answer(peer, Outgoing::Credit)?),
            Message::Absent(hash) => {
                let now = Instant::now();
                self.carry_out(self.wants(|wants| wants.absent(peer, hash, now))?);
                Ok(())
            }
            Message::Ping => Ok(()),
        }
    }

    async fn on_peer_disconnected(&self, peer: PeerId, reason: DisconnectReason) {
        let peer_hex = PeerIdHex(&peer);
        match &reason {
            DisconnectReason::ProtocolViolation(what) => {
                self.count_violation();
                tracing::warn!(peer = %peer_hex, what, "peer cut off: protocol violation");
            }
            other => tracing::info!(peer = %peer_hex, reason = ?other, "peer disconnected"),
        }
        self.carry_out(self.wants(|wants| wants.gone(peer, Instant::now())));
    }
}
