//! Nodes in one process, over real sockets on the loopback interface.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dig_service::{ShutdownReason, ShutdownToken, TaskRegistry};
use tokio::time::{sleep, timeout};

use super::*;
use crate::blob::Blob;
use crate::store::Store;
use crate::testing::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// A node without RPC and lifecycle.
struct Node {
    dir: PathBuf,
    store: Store,
    peers: Peers,
    tasks: TaskRegistry,
    addr: SocketAddr,
}

impl Node {
    async fn start(dir: &TempDir, listen: &str, connect: &[SocketAddr]) -> Self {
        let store = Store::new(dir.path().to_path_buf());
        let peers = Peers::new(store.clone());
        peers.identify(store.open().await.unwrap());
        let listener = peers.bind(listen.parse().unwrap()).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let tasks = TaskRegistry::new(ShutdownToken::new());
        let connect: Vec<PeerAddr> = connect
            .iter()
            .map(|addr| addr.to_string().parse().unwrap())
            .collect();
        peers.serve(Some(listener), &connect, &tasks);
        Self {
            dir: dir.path().to_path_buf(),
            store,
            peers,
            tasks,
            addr,
        }
    }

    async fn put(&self, bytes: &[u8]) {
        let blob = Blob::new(bytes.to_vec());
        self.store.put(blob, self.peers.own()).await.unwrap();
    }

    async fn has_blobs(&self, count: u64) {
        let what = format!("{count} blobs at {}", self.dir.display());
        wait_for(&what, async || {
            self.store.stat().await.unwrap().blobs == count
        })
        .await;
    }

    async fn has_peers(&self, count: usize) {
        let what = format!("{count} peers at {}", self.dir.display());
        wait_for(&what, async || self.peers.book().peers().len() == count).await;
    }

    async fn stop(self) {
        self.tasks.shutdown().cancel(ShutdownReason::UserRequested);
        self.tasks.join_all(PATIENCE).await.unwrap();
        self.store.close().await.unwrap();
    }
}

async fn wait_for(what: &str, condition: impl AsyncFn() -> bool) {
    let poll = async {
        while !condition().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(PATIENCE, poll).await.is_ok(), "waited for {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_and_what_comes_later_arrives_in_both_directions() {
    let (dir_a, dir_b) = (TempDir::new(), TempDir::new());
    let a = Node::start(&dir_a, "127.0.0.1:0", &[]).await;
    a.put(b"early").await;
    let b = Node::start(&dir_b, "127.0.0.1:0", &[a.addr]).await;
    b.has_blobs(1).await;

    b.put(b"late, the other way").await;
    a.has_blobs(2).await;

    assert_eq!(a.peers.violations() + b.peers.violations(), 0);
    assert_eq!(a.peers.missing() + b.peers.missing(), 0);
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_arrives() {
    let (dir_a, dir_b) = (TempDir::new(), TempDir::new());
    let a = Node::start(&dir_a, "127.0.0.1:0", &[]).await;
    let count = 2 * PAGE as u64 + 7;
    let puts = (0..count).map(|number| async move { number.to_be_bytes() });
    let puts = puts.map(|bytes| async { a.put(&bytes.await).await });
    futures_util::future::join_all(puts).await;

    let b = Node::start(&dir_b, "127.0.0.1:0", &[a.addr]).await;
    b.has_blobs(count).await;

    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_dial_each_other_keep_one_connection() {
    let (dir_a, dir_b) = (TempDir::new(), TempDir::new());
    let a = Node::start(&dir_a, "127.0.0.1:0", &[]).await;
    let addr_a = a.addr.to_string();
    let b = Node::start(&dir_b, "127.0.0.1:0", &[a.addr]).await;
    let addr_b = b.addr;
    a.stop().await;
    let a = Node::start(&dir_a, &addr_a, &[addr_b]).await;

    a.has_peers(1).await;
    b.has_peers(1).await;
    a.put(b"from a").await;
    b.put(b"from b").await;
    a.has_blobs(2).await;
    b.has_blobs(2).await;

    assert_eq!(a.peers.book().peers().len(), 1);
    assert_eq!(b.peers.book().peers().len(), 1);
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dials_itself_or_one_peer_twice_stays_calm() {
    let (dir_a, dir_b) = (TempDir::new(), TempDir::new());
    let a = Node::start(&dir_a, "127.0.0.1:0", &[]).await;
    let addr_b: SocketAddr = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let listen = addr_b.to_string();
    let b = Node::start(&dir_b, &listen, &[a.addr, a.addr, addr_b]).await;

    b.has_peers(1).await;
    let dialers = || {
        let tasks = b.tasks.snapshot();
        tasks.iter().filter(|task| task.name == "dialer").count()
    };
    wait_for("the dialer of its own address to give up", async || {
        dialers() == 2
    })
    .await;
    a.put(b"x").await;
    b.has_blobs(1).await;

    assert_eq!(a.peers.violations() + b.peers.violations(), 0);
    a.stop().await;
    b.stop().await;
}
