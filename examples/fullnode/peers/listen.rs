//! Connections that peers open.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use dig_service::{TaskKind, TaskOptions, TaskRegistry};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::api::Peers;
use super::book::Direction;
use super::session::Session;

/// How many inbound connections there may be; more wait in the kernel.
const MAX_INBOUND: usize = 128;

impl Peers {
    /// Binds the port for peers.
    pub(crate) async fn bind(&self, addr: SocketAddr) -> anyhow::Result<TcpListener> {
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen for peers on {addr} (--peer-listen)"))?;
        self.set_listens_at(listener.local_addr()?);
        Ok(listener)
    }

    /// Takes connections in, each as a task of its own, until the service stops.
    pub(super) async fn listen(&self, listener: TcpListener, tasks: &TaskRegistry) {
        let slots = Arc::new(Semaphore::new(MAX_INBOUND));
        while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, remote)) => self.take_in(stream, remote, slot, tasks),
                Err(error) => {
                    // Mostly: out of file descriptors. Some will be free again.
                    tracing::warn!(%error, "connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn take_in(
        &self,
        stream: tokio::net::TcpStream,
        remote: SocketAddr,
        slot: OwnedSemaphorePermit,
        tasks: &TaskRegistry,
    ) {
        let peers = self.clone();
        let options = TaskOptions::new(TaskKind::PeerConnection).label(format!("from {remote}"));
        tasks.spawn_with("peer", options, |cx| async move {
            let session = Session {
                peers,
                direction: Direction::Inbound,
                remote,
                stop: cx.shutdown,
            };
            let end = session.run(stream).await;
            tracing::debug!(%remote, ?end, "inbound connection over");
            drop(slot);
            Ok(())
        });
    }
}
