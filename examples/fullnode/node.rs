//! The node: its hooks, and what it answers over RPC.

use std::sync::{Mutex, PoisonError};

use dig_service::{RpcContext, RunContext, ShutdownReason};
use futures_util::{Stream, StreamExt};
use tokio::net::TcpListener;

use crate::blob::{Blob, BlobHash};
use crate::cli::NodeArgs;
use crate::peers::{PeerView, Peers};
use crate::rpc::{Arrived, Content, Encoding, Info, Put, Refusal, Stopping};
use crate::store::{MAX_BLOB, Page, Stat, Store};

/// How many hashes `store.list` returns when not told, and at most.
const LIST: (u32, u32) = (100, 1000);

/// A content-addressed store node.
#[derive(Debug)]
pub(crate) struct FullNode {
    args: NodeArgs,
    store: Store,
    peers: Peers,
    /// From `on_start`, which binds it, to `run`, which serves it.
    listener: Mutex<Option<TcpListener>>,
}

impl FullNode {
    /// Puts a node together; touches nothing.
    pub(crate) fn new(args: NodeArgs) -> Self {
        let store = Store::new(args.data.clone());
        Self {
            args,
            peers: Peers::new(store.clone()),
            store,
            listener: Mutex::default(),
        }
    }

    /// What fills the peer slot.
    pub(crate) const fn peers(&self) -> &Peers {
        &self.peers
    }
}

/// A content-addressed store: put bytes, get them back by their SHA-256.
#[dig_service::node(name = "fullnode", discover, client = FullNodeClient)]
impl FullNode {
    #[pre_start]
    async fn open(&self) -> anyhow::Result<()> {
        let peer_id = self.store.open().await?;
        self.peers.identify(peer_id);
        let (data, peer_id) = (self.store.path().display(), BlobHash(peer_id));
        tracing::info!(%data, %peer_id, "store open");
        Ok(())
    }

    #[on_start]
    async fn bind(&self) -> anyhow::Result<()> {
        if let Some(addr) = self.args.peer_listen {
            let listener = self.peers.bind(addr).await?;
            *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
        }
        Ok(())
    }

    #[run]
    async fn serve(&self, ctx: RunContext) {
        let listener = self.listener.lock();
        let listener = listener.unwrap_or_else(PoisonError::into_inner).take();
        self.peers.serve(listener, &self.args.connect, &ctx.tasks);
        ctx.shutdown.cancelled().await;
    }

    #[on_stop]
    async fn flush(&self) -> anyhow::Result<()> {
        Ok(self.store.flush().await?)
    }

    #[post_stop]
    async fn close(&self) -> anyhow::Result<()> {
        Ok(self.store.close().await?)
    }

    /// Stores a blob. The answer confirms that it is on disk.
    #[rpc(name = "store.put")]
    async fn put(
        &self,
        /// The bytes, written as `encoding` says.
        data: String,
        /// `utf8` (the default) or `base64`.
        encoding: Option<Encoding>,
    ) -> Result<Put, Refusal> {
        let bytes = encoding.unwrap_or_default().decode(data)?;
        let size = bytes.len();
        if size > MAX_BLOB {
            return Err(Refusal::TooLarge { size });
        }
        let stored = self.store.put(Blob::new(bytes), self.peers.own()).await?;
        tracing::debug!(hash = %stored.hash, size, new = stored.is_new, "blob put");
        let hash = stored.hash;
        Ok(Put { hash, size })
    }

    /// Reads a blob.
    #[rpc(name = "store.get")]
    async fn get(&self, hash: BlobHash, encoding: Option<Encoding>) -> Result<Content, Refusal> {
        let blob = self.store.get(hash).await?;
        let blob = blob.ok_or(Refusal::NotFound { hash })?;
        encoding.unwrap_or_default().encode(blob)
    }

    /// Tells whether there is such a blob.
    #[rpc(name = "store.has")]
    async fn has(&self, hash: BlobHash) -> Result<bool, Refusal> {
        Ok(self.store.has(hash).await?)
    }

    /// Lists the hashes of all blobs, in order.
    #[rpc(name = "store.list")]
    async fn list(
        &self,
        /// The hash to go on behind: `next` of the answer before.
        after: Option<BlobHash>,
        /// How many at most: 1 to 1000, by default 100.
        limit: Option<u32>,
    ) -> Result<Page, Refusal> {
        let (default, most) = LIST;
        let limit = limit.unwrap_or(default);
        if limit == 0 || limit > most {
            return Err(Refusal::BadLimit { limit, most });
        }
        Ok(self.store.list(after, limit as usize).await?)
    }

    /// Counts blobs and bytes.
    #[rpc(name = "store.stat")]
    async fn stat(&self) -> Result<Stat, Refusal> {
        Ok(self.store.stat().await?)
    }

    /// Tells the hashes of blobs as they come, put here or by peers; from a place on, or from now.
    #[rpc(name = "store.follow", subscription, unsubscribe = "store.unfollow")]
    fn follow(
        &self,
        /// The place to go on behind: that of the last one that was seen. 0 is the beginning.
        after: Option<u64>,
    ) -> impl Stream<Item = Result<Arrived, Refusal>> + Send + use<> {
        self.store.follow(after).map(|arrival| Ok(arrival?.into()))
    }

    /// Tells who this node is and how it is reached.
    #[rpc(name = "node.info")]
    fn info(&self, ctx: &RpcContext) -> Info {
        Info {
            name: "fullnode".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            peer_id: BlobHash(self.peers.own()),
            rpc: ctx.service().and_then(|service| service.rpc_http_addr()),
            peer: self.peers.listens_at(),
            data: self.store.path().display().to_string(),
            max_blob: MAX_BLOB,
            missing: self.peers.missing(),
            protocol_violations: self.peers.violations(),
        }
    }

    /// Lists the connected peers.
    #[rpc(name = "node.peers")]
    fn peers_connected(&self) -> Vec<PeerView> {
        self.peers.book().peers()
    }

    /// Stops the node, as SIGTERM does.
    #[rpc(name = "node.stop")]
    fn stop(ctx: &RpcContext) -> Stopping {
        let service = ctx.service();
        if let Some(service) = service {
            service.request_shutdown(ShutdownReason::RpcRequested);
        }
        let stopping = service.is_some();
        Stopping { stopping }
    }
}
