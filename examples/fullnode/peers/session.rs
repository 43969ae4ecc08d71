//! One connection, from the handshake to the disconnect.

use std::net::SocketAddr;

use dig_service::{DisconnectReason, PeerApi, PeerId, PeerInfo, ShutdownToken};
use tokio::io::{AsyncRead, AsyncWrite, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::announcer::Announcer;
use super::api::Peers;
use super::book::{Connection, Direction, Duplicate, OUTBOX, Outgoing};
use super::frame::{self, FrameError, MAX_FRAME, Violation};
use super::handshake::{self, Hello};
use super::message::Message;
use super::{HANDSHAKE_PATIENCE, PING_AFTER, SILENCE_PATIENCE};

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was in use.
    Disconnected,
    /// The peer is connected already, in another way.
    Duplicate(PeerId),
    /// This node reached itself.
    Itself,
    /// The other end did not greet as it should; the text says what it did.
    NoPeer(String),
}

/// A connection that has not been greeted yet.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) peers: Peers,
    pub(super) direction: Direction,
    pub(super) remote: SocketAddr,
    /// Ends this connection only; fires with the service's token.
    pub(super) stop: ShutdownToken,
}

impl Session {
    /// Greets, exchanges messages until one side has enough, and tells the peer slot of all of it.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped session tells nobody that it ended. Use `stop`.
    pub(super) async fn run(self, mut stream: TcpStream) -> End {
        // Requests are small and waited for. If it fails, they are merely slow.
        let _ = stream.set_nodelay(true);
        let greeting = timeout(HANDSHAKE_PATIENCE, self.greet(&mut stream));
        let hello = tokio::select! {
            biased;
            () = self.stop.cancelled() => return End::Disconnected,
            hello = greeting => match hello {
                Ok(Ok(hello)) => hello,
                Ok(Err(error)) => return self.no_peer(error),
                Err(_) => return End::NoPeer("no greeting in time".to_owned()),
            },
        };
        if hello.peer_id == self.peers.own() {
            return End::Itself;
        }
        self.enter(stream, hello).await
    }

    async fn greet(&self, stream: &mut TcpStream) -> Result<Hello, FrameError> {
        let hello = handshake::greet(stream, self.peers.own()).await?;
        if self.direction == Direction::Inbound && hello.peer_id != self.peers.own() {
            handshake::confirmed(stream).await?;
        }
        Ok(hello)
    }

    fn no_peer(&self, error: FrameError) -> End {
        if let FrameError::Violation(Violation(what)) = &error {
            self.peers.count_violation();
            let addr = self.remote;
            tracing::warn!(%addr, what, "connection cut: protocol violation in the handshake");
        }
        End::NoPeer(format!("{:?}", DisconnectReason::from(error)))
    }

    /// Finds a place in the book, and lives until it is time to leave it.
    async fn enter(self, mut stream: TcpStream, hello: Hello) -> End {
        let peer = hello.peer_id;
        let info = PeerInfo {
            peer_id: peer,
            remote_addr: self.remote.to_string(),
            node_type: hello.node_type,
        };
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        let connection = Connection {
            info: info.clone(),
            direction: self.direction,
            outbox,
            stop: self.stop.clone(),
        };
        let admission = self.peers.book().admit(self.peers.own(), connection);
        let place = tokio::select! {
            biased;
            () = self.stop.cancelled() => return End::Disconnected,
            place = admission => match place {
                Ok(place) => place,
                Err(Duplicate) => return End::Duplicate(peer),
            },
        };
        // INV-P1: all of this lies between taking the place and giving it up.
        self.peers.on_peer_connected(peer, info).await;
        let reason = self.exchange(&mut stream, peer, inbox).await;
        self.peers.on_peer_disconnected(peer, reason).await;
        drop(place);
        End::Disconnected
    }

    async fn exchange(
        &self,
        stream: &mut TcpStream,
        peer: PeerId,
        inbox: mpsc::Receiver<Outgoing>,
    ) -> DisconnectReason {
        if self.direction == Direction::Outbound
            && let Err(error) = handshake::confirm(stream).await
        {
            return error.into();
        }
        let (reader, writer) = stream.split();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => DisconnectReason::LocalClose,
            reason = self.read(peer, BufReader::new(reader)) => reason,
            reason = self.write(peer, BufWriter::new(writer), inbox) => reason,
        }
    }

    /// Hands every message to the peer slot, one by one.
    async fn read(&self, peer: PeerId, mut reader: impl AsyncRead + Unpin) -> DisconnectReason {
        loop {
            let frame = frame::read(&mut reader, MAX_FRAME);
            let message = match timeout(SILENCE_PATIENCE, frame).await {
                Ok(Ok(message)) => message,
                Ok(Err(error)) => return error.into(),
                Err(_) => return DisconnectReason::Transport("silent for too long".to_owned()),
            };
            if let Err(error) = self.peers.on_message(peer, message).await {
                return judge(error);
            }
        }
    }

    /// Sends what is queued, what there is to announce, and a sign of life when there is neither.
    async fn write(
        &self,
        peer: PeerId,
        mut writer: impl AsyncWrite + Unpin,
        mut inbox: mpsc::Receiver<Outgoing>,
    ) -> DisconnectReason {
        let mut announcer = Announcer::new(self.peers.store().clone(), peer);
        loop {
            let next = tokio::select! {
                // Answers first: the peer's window waits for them.
                biased;
                outgoing = inbox.recv() => match outgoing {
                    Some(outgoing) => self.message(outgoing, &mut announcer).await,
                    None => return DisconnectReason::LocalClose,
                },
                page = announcer.next() => page.map(Some).map_err(anyhow::Error::new),
                () = sleep(PING_AFTER) => Ok(Some(Message::Ping)),
            };
            let message = match next {
                Ok(Some(message)) => message,
                Ok(None) => continue,
                Err(error) => return judge(error),
            };
            match timeout(SILENCE_PATIENCE, message.send(&mut writer)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return DisconnectReason::Transport(error.to_string()),
                Err(_) => return DisconnectReason::Transport("takes nothing in".to_owned()),
            }
        }
    }

    async fn message(
        &self,
        outgoing: Outgoing,
        announcer: &mut Announcer,
    ) -> anyhow::Result<Option<Message>> {
        match outgoing {
            Outgoing::Request(hash) => Ok(Some(Message::Request(hash))),
            Outgoing::More => Ok(Some(Message::More)),
            Outgoing::Credit => {
                announcer.credit()?;
                Ok(None)
            }
            Outgoing::Serve(hash) => {
                let blob = self.peers.store().get(hash).await.unwrap_or_else(|error| {
                    tracing::error!(%hash, %error, "blob not served");
                    None
                });
                Ok(Some(blob.map_or(Message::Absent(hash), Message::Blob)))
            }
        }
    }
}

/// Tells a peer's fault from this node's own.
fn judge(error: anyhow::Error) -> DisconnectReason {
    match error.downcast::<Violation>() {
        Ok(Violation(what)) => DisconnectReason::ProtocolViolation(what),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "connection given up");
            DisconnectReason::LocalClose
        }
    }
}
