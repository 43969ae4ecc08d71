//! Accepts connections, each into a tracked task.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::rpc::http::connection::{Connection, Room};
use crate::rpc::http::probes::router;
use crate::rpc::http::server::Shared;
use crate::rpc::{RpcApi, RpcContext, Transport};
use crate::tasks::{TaskContext, TaskKind, TaskOptions};

/// How many connections beyond the limit are told so at once.
const SPARE: usize = 64;
/// How long to wait when the system has no more to give, file descriptors above all.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Acceptor<R> {
    listener: TcpListener,
    shared: Arc<Shared<R>>,
    router: Router,
    room: Arc<Semaphore>,
    spare: Arc<Semaphore>,
}

impl<R: RpcApi> Acceptor<R> {
    pub(super) fn new(
        listener: TcpListener,
        shared: Arc<Shared<R>>,
        max_connections: usize,
    ) -> Self {
        Self {
            listener,
            router: router(Arc::clone(&shared)),
            shared,
            room: Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS))),
            spare: Arc::new(Semaphore::new(SPARE)),
        }
    }

    /// Accepts until the scope's token fires; then the listener is closed.
    pub(super) async fn run(self, task: TaskContext) -> anyhow::Result<()> {
        loop {
            let (stream, peer, room, seat) = tokio::select! {
                biased;
                () = task.shutdown.cancelled() => return Ok(()),
                accepted = self.accept() => accepted,
            };
            // A listener on `[::]` sees IPv4 clients in IPv6 clothes.
            let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            let cx = RpcContext::new(self.shared.handle.clone(), Transport::Http, peer);
            let connection =
                Connection::new(Arc::clone(&self.shared), self.router.clone(), cx, room);
            let options = TaskOptions::new(TaskKind::RpcHandler).label(peer.to_string());
            task.tasks
                .spawn_with("rpc_http.connection", options, |task| async move {
                    connection.serve(stream, &task.shutdown).await;
                    drop(seat);
                    Ok(())
                });
        }
    }

    async fn accept(&self) -> (TcpStream, SocketAddr, Room, OwnedSemaphorePermit) {
        let mut is_failing = false;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Answers are written in one piece: waiting for more only costs time.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%peer, %error, "connection lost");
                        continue;
                    }
                    let (room, seat) = self.seat().await;
                    return (stream, peer, room, seat);
                }
                Err(error) if is_of_one_connection(&error) => {
                    tracing::debug!(%error, "connection lost before it was accepted");
                }
                Err(error) => {
                    // Once for each time it begins: it may go on for hours.
                    if !is_failing {
                        tracing::warn!(%error, retry_every = ?PAUSE, "cannot accept connections");
                    }
                    is_failing = true;
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Finds a place for a connection: a full one, or one of those beyond the limit.
    async fn seat(&self) -> (Room, OwnedSemaphorePermit) {
        loop {
            if let Ok(seat) = Arc::clone(&self.room).try_acquire_owned() {
                return (Room::Full, seat);
            }
            // A full seat may be given back while all spare ones are taken.
            let seat = tokio::select! {
                biased;
                seat = Arc::clone(&self.room).acquire_owned() => (Room::Full, seat),
                seat = Arc::clone(&self.spare).acquire_owned() => (Room::ProbesOnly, seat),
            };
            if let (room, Ok(seat)) = seat {
                return (room, seat);
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
