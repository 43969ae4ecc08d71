//! The task that owns the connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::command::{Command, Hangup, Left};
use super::waiting::{Asker, Next, Waiting};
use crate::rpc::client::{TransportError, message};
use crate::rpc::frames::Outbox;
use crate::shutdown::ShutdownToken;

/// How many pings may bring nothing before the server is taken for gone: a long message may be on its
/// way meanwhile.
const SILENT: u32 = 3;
/// How long the close may take.
const CLOSING: Duration = Duration::from_millis(100);

/// Longer than any connection; the clock does not reach as far as a `Duration`.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) type Socket = WebSocketStream<TcpStream>;

pub(super) struct Driver {
    socket: Socket,
    commands: mpsc::Receiver<Command>,
    hangup: Arc<Hangup>,
    outbox: Outbox,
    waiting: Waiting,
    /// Shared with the handle, so that no two messages have the same.
    next_id: Arc<AtomicU64>,
    ping_every: Duration,
    /// Whether a message came since the last ping.
    is_heard: bool,
    /// How many pings in a row brought nothing.
    silent: u32,
}

/// Why the driver ends.
enum End {
    /// Nobody holds the transport any more, or its registry stops.
    Left,
    /// The server says goodbye, and perhaps why.
    Goodbye(Option<CloseFrame>),
    Lost(TransportError),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::SendAfterClosing) => {
                Self::Lost(TransportError::Closed)
            }
            error => Self::Lost(TransportError::Lost(Arc::new(error))),
        }
    }
}

/// What is told of a close that is about what was sent, and no plain end.
fn complaint(frame: &CloseFrame) -> TransportError {
    if matches!(frame.code, CloseCode::Normal | CloseCode::Away) {
        return TransportError::Closed;
    }
    let why = format!("closed by the server: {} ({})", frame.reason, frame.code);
    TransportError::Lost(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
        why,
    )))
}

fn interval(every: Duration) -> Interval {
    let every = every.min(FOR_EVER);
    let mut interval = interval_at(Instant::now() + every, every);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Waits for the next ping to be due, for ever if there are none.
async fn next(pings: &mut Option<Interval>) {
    match pings {
        Some(pings) => drop(pings.tick().await),
        None => std::future::pending().await,
    }
}

impl Driver {
    pub(super) fn new(
        socket: Socket,
        commands: mpsc::Receiver<Command>,
        hangup: Arc<Hangup>,
        next_id: Arc<AtomicU64>,
        items: usize,
        ping_every: Duration,
    ) -> Self {
        Self {
            socket,
            commands,
            waiting: Waiting::new(Arc::clone(&hangup), items),
            hangup,
            outbox: Outbox::default(),
            next_id,
            ping_every,
            is_heard: true,
            silent: 0,
        }
    }

    /// Runs until the connection ends or is not needed any more.
    pub(super) async fn run(mut self, shutdown: &ShutdownToken) {
        let hangup = Arc::clone(&self.hangup);
        let mut pings = (!self.ping_every.is_zero()).then(|| interval(self.ping_every));
        let end = loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break End::Left,
                left = hangup.taken() => self.leave(left),
                () = next(&mut pings) => if let Some(lost) = self.ping() {
                    break lost;
                },
                moved = poll_fn(|cx| self.poll(cx)) => break match moved {
                    Ok(end) => end,
                    // Nothing can be written any more.
                    Err(error) => self.receive_rest().await.unwrap_or_else(|| error.into()),
                },
            }
        };
        // Whoever asks from now on is told that it is closed.
        self.commands.close();
        let why = match end {
            End::Lost(why) => return self.waiting.lose(&why),
            End::Left => {
                self.outbox.push(Message::Close(Some(CloseFrame {
                    code: CloseCode::Normal,
                    reason: Utf8Bytes::from_static(""),
                })));
                TransportError::Closed
            }
            End::Goodbye(why) => {
                // Its answer is written by the protocol itself, and nothing else any more.
                self.outbox = Outbox::default();
                self.outbox.touch();
                why.as_ref().map_or(TransportError::Closed, complaint)
            }
        };
        self.waiting.lose(&why);
        let Self { socket, outbox, .. } = &mut self;
        let said = poll_fn(|cx| outbox.poll_flush(Pin::new(&mut *socket), cx));
        // A server that does not read it sees the end of the connection.
        let _ = timeout(CLOSING, said).await;
    }

    /// Hands out what the server said before the connection broke, its goodbye included.
    async fn receive_rest(&mut self) -> Option<End> {
        let rest = async {
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Close(why) => return Some(End::Goodbye(why)),
                    message => self.receive(&message),
                }
            }
            None
        };
        timeout(CLOSING, rest).await.ok().flatten()
    }

    /// Goes on until nothing moves.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<End, Error>> {
        loop {
            let flushed = self.outbox.poll_flush(Pin::new(&mut self.socket), cx);
            if let Poll::Ready(Err(error)) = flushed {
                return Poll::Ready(Err(error));
            }
            let mut has_moved = false;
            if self.outbox.has_room() {
                match self.commands.poll_recv(cx) {
                    Poll::Ready(Some(command)) => {
                        self.take(command);
                        has_moved = true;
                    }
                    Poll::Ready(None) => return Poll::Ready(Ok(End::Left)),
                    Poll::Pending => {}
                }
            }
            match Pin::new(&mut self.socket).poll_next(cx) {
                // Nothing comes behind it, and what were sent now would not be read.
                Poll::Ready(Some(Ok(Message::Close(why)))) => {
                    return Poll::Ready(Ok(End::Goodbye(why)));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(End::Lost(TransportError::Closed))),
                Poll::Ready(Some(Ok(message))) => {
                    self.receive(&message);
                    has_moved = true;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Ok(error.into())),
                Poll::Pending => {}
            }
            if !has_moved {
                return Poll::Pending;
            }
        }
    }

    /// Pings the server, or finds that it is gone.
    fn ping(&mut self) -> Option<End> {
        self.silent = if std::mem::take(&mut self.is_heard) {
            0
        } else {
            self.silent + 1
        };
        if self.silent >= SILENT {
            let silence = self.ping_every.saturating_mul(SILENT);
            return Some(End::Lost(TransportError::TimedOut(silence)));
        }
        // One that reads nothing is given no more.
        if self.outbox.has_room() {
            self.outbox.push(Message::Ping(Bytes::new()));
        }
        None
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Call { id, message, told } => {
                self.waiting.ask(id, Asker::Call(told));
                self.outbox.push_text(message);
            }
            Command::Notify { message, told } => {
                self.waiting.notify(self.next_id.load(Ordering::Relaxed));
                self.outbox.push_text(message);
                // Handed over, which is all that can be known.
                drop(told.send(Ok(())));
            }
            Command::Batch {
                first,
                calls,
                message,
                told,
            } => {
                self.waiting.ask(first, Asker::Batch { calls, told });
                self.outbox.push_text(message);
            }
            Command::Subscribe {
                id,
                unsubscribe,
                message,
                told,
            } => {
                self.waiting.ask(id, Asker::Subscribe { unsubscribe, told });
                self.outbox.push_text(message);
            }
        }
    }

    fn receive(&mut self, message: &Message) {
        self.is_heard = true;
        let next = match message {
            Message::Text(text) => self.waiting.receive(text.as_bytes()),
            Message::Binary(bytes) => self.waiting.receive(bytes),
            // The protocol answers by itself, with the next flush.
            Message::Ping(_) => {
                self.outbox.touch();
                Next::Nothing
            }
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Next::Nothing,
        };
        self.follow(next);
    }

    fn leave(&mut self, left: Vec<Left>) {
        for left in left {
            let next = self.waiting.leave(left);
            self.follow(next);
        }
    }

    fn follow(&mut self, next: Next) {
        let Next::Unsubscribe { method, key } = next else {
            return;
        };
        // As the server wrote it: a number or a text. By position, as servers differ in the name.
        let key: Value = serde_json::from_str(&key).unwrap_or_default();
        // A call and no notification, as some servers want an id; nobody waits for the answer.
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.outbox
            .push_text(message::call(id, &method, &json!([key])));
    }
}
