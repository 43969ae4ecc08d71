//! A relay: what one peer says, all others hear. `Service<Relay, Hub, ()>`, without RPC.
//!
//! ```text
//! cargo run --example relay -- 127.0.0.1:9780
//! nc 127.0.0.1 9780        # in two terminals; write lines
//! ```
//!
//! A line may have 1 KiB. A peer that does not keep up misses lines; nothing queues without bound.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use async_trait::async_trait;
use dig_service::{
    DisconnectReason, InboundMessage, PeerApi, PeerId, PeerInfo, RunContext, Service,
    ShutdownToken, TaskKind, TaskOptions,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// How many lines may wait for one peer.
const BACKLOG: usize = 64;
const MAX_LINE: u64 = 1024;
/// The one thing a peer can say.
const LINE: u8 = 1;

type Line = Arc<Vec<u8>>;

/// Who is connected. Clones share one state.
#[derive(Clone, Default)]
struct Hub {
    peers: Arc<Mutex<HashMap<PeerId, mpsc::Sender<Line>>>>,
}

impl Hub {
    fn peers(&self) -> MutexGuard<'_, HashMap<PeerId, mpsc::Sender<Line>>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection, from its first line to its last, or to the stop of the service.
    async fn serve(&self, mut stream: TcpStream, remote: SocketAddr, stop: &ShutdownToken) {
        let peer_id = Sha256::digest(remote.to_string()).into();
        let (sender, mut lines) = mpsc::channel(BACKLOG);
        self.peers().insert(peer_id, sender);
        let info = PeerInfo {
            peer_id,
            remote_addr: remote.to_string(),
            node_type: "line".to_owned(),
        };
        self.on_peer_connected(peer_id, info).await;
        let (reader, mut writer) = stream.split();
        let hear = self.hear(peer_id, BufReader::new(reader));
        let speak = async {
            while let Some(line) = lines.recv().await {
                writer.write_all(&line).await?;
            }
            io::Result::Ok(())
        };
        let reason = tokio::select! {
            () = stop.cancelled() => DisconnectReason::LocalClose,
            reason = hear => reason,
            end = speak => match end {
                Ok(()) => DisconnectReason::LocalClose,
                Err(error) => DisconnectReason::Transport(error.to_string()),
            },
        };
        self.on_peer_disconnected(peer_id, reason).await;
    }

    async fn hear(
        &self,
        peer: PeerId,
        mut reader: impl AsyncBufReadExt + Unpin,
    ) -> DisconnectReason {
        loop {
            let mut payload = Vec::new();
            let mut limited = (&mut reader).take(MAX_LINE);
            match limited.read_until(b'\n', &mut payload).await {
                Ok(0) => return DisconnectReason::Graceful,
                Ok(_) if payload.ends_with(b"\n") => {}
                Ok(_) => return DisconnectReason::ProtocolViolation("no whole line".to_owned()),
                Err(error) => return DisconnectReason::Transport(error.to_string()),
            }
            let opcode = LINE;
            let message = InboundMessage { opcode, payload };
            if let Err(error) = self.on_message(peer, message).await {
                return DisconnectReason::ProtocolViolation(error.to_string());
            }
        }
    }
}

#[async_trait]
impl PeerApi for Hub {
    async fn on_peer_connected(&self, _peer: PeerId, info: PeerInfo) {
        tracing::info!(addr = info.remote_addr, "peer connected");
    }

    async fn on_message(&self, from: PeerId, message: InboundMessage) -> anyhow::Result<()> {
        let line = Arc::new(message.payload);
        for (peer, sender) in self.peers().iter() {
            if *peer != from {
                // Full: this peer does not keep up, and misses the line.
                let _ = sender.try_send(Arc::clone(&line));
            }
        }
        Ok(())
    }

    async fn on_peer_disconnected(&self, peer: PeerId, reason: DisconnectReason) {
        self.peers().remove(&peer);
        tracing::info!(?reason, "peer disconnected");
    }
}

/// Takes connections in.
struct Relay {
    address: String,
    hub: Hub,
}

#[dig_service::node(name = "relay", lifecycle_only)]
impl Relay {
    #[run]
    async fn accept(&self, ctx: RunContext) -> anyhow::Result<()> {
        let address = &self.address;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let bound = listener.local_addr()?;
        writeln!(io::stdout(), "ready peer={bound}")?;
        loop {
            let (stream, remote) = tokio::select! {
                () = ctx.shutdown.cancelled() => return Ok(()),
                accepted = listener.accept() => accepted?,
            };
            let hub = self.hub.clone();
            let options = TaskOptions::new(TaskKind::PeerConnection).label(remote.to_string());
            ctx.tasks.spawn_with("peer", options, |cx| async move {
                hub.serve(stream, remote, &cx.shutdown).await;
                Ok(())
            });
        }
    }
}

#[dig_service::dig_main]
async fn main() -> Service<Relay, Hub, ()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:9780".to_owned());
    let hub = Hub::default();
    let relay = Relay {
        address,
        hub: hub.clone(),
    };
    Service::builder(relay).peer_api(hub).build()
}
