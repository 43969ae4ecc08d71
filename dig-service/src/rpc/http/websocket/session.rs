//! One connection, from the upgrade to its end.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use dig_rpc_types::envelope::JsonRpcError;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, SelectAll};
use futures_util::{FutureExt, Stream, StreamExt};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::desk::{MessageDesk, Roster, Said, Subscription, What};
use super::pushed;
use super::{Upgrade, WebSocketOptions};
use crate::rpc::frames::{Outbox, config};
use crate::rpc::http::connection::FOR_EVER;
use crate::rpc::http::server::Shared;
use crate::rpc::http::socket::Socket;
use crate::rpc::wire::Refusal;
use crate::rpc::{RpcApi, RpcContext, Transport};
use crate::shutdown::ShutdownToken;

/// How long the last words of a connection may take that the server closes.
const CLOSING: Duration = Duration::from_millis(100);

/// Serves a connection until the client leaves, is lost, or the token fires.
pub(crate) async fn serve<R: RpcApi>(
    shared: Arc<Shared<R>>,
    options: WebSocketOptions,
    upgrade: Upgrade,
    shutdown: &ShutdownToken,
) {
    // Hyper has let go of the connection, so it is there at once, or never.
    let turned = tokio::select! {
        biased;
        () = shutdown.cancelled() => return,
        turned = timeout(CLOSING, upgrade.turned) => turned,
    };
    let Ok(Ok(upgraded)) = turned else {
        return;
    };
    let Ok(parts) = upgraded.downcast::<TokioIo<Socket>>() else {
        tracing::error!("a WebSocket on an unknown socket");
        return;
    };
    let config = config(shared.body_limit);
    let (socket, read) = (parts.io.into_inner(), parts.read_buf.to_vec());
    let socket =
        WebSocketStream::from_partially_read(socket, read, Role::Server, Some(config)).await;
    let stop = shared.handle.shutdown_token().clone();
    let mut session = Session::new(shared, options, upgrade.cx, socket);
    let is_ended = tokio::select! {
        biased;
        () = shutdown.cancelled() => false,
        () = session.run(&stop) => true,
    };
    if !is_ended {
        session.stop();
        session.close(CloseCode::Away, "the service is stopping");
        // Whoever does not read it has had its time.
        let _ = timeout(CLOSING, session.say_last()).await;
    }
}

struct Session<R> {
    shared: Arc<Shared<R>>,
    options: WebSocketOptions,
    cx: RpcContext,
    socket: WebSocketStream<Socket>,
    outbox: Outbox,
    /// What the drain waits for: given back once everything is written.
    unsent: Option<OwnedSemaphorePermit>,
    roster: Arc<Roster>,
    calls: FuturesUnordered<BoxFuture<'static, Done>>,
    subscriptions: SelectAll<Subscription>,
    pings: Option<Interval>,
    ping: Ping,
    end: End,
    /// Set when the service stops: subscriptions end as they come.
    is_stopping: bool,
}

/// How far the end of a connection has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is open.
    Open,
    /// Our last message is in the outbox; nothing more is read.
    Closing,
    /// The client's last message is answered by the protocol; nothing else may be said any more.
    Left,
    /// Nobody is there any more.
    Gone,
}

/// How far a ping has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ping {
    None,
    /// It waits in the outbox, behind what the client has not taken yet.
    Queued,
    /// It was written; so many bytes had come by then.
    Sent(u64),
}

/// A message that was worked on.
struct Done {
    answer: Option<Vec<u8>>,
    opened: Vec<Subscription>,
    permit: Option<OwnedSemaphorePermit>,
}

impl<R: RpcApi> Session<R> {
    fn new(
        shared: Arc<Shared<R>>,
        options: WebSocketOptions,
        cx: RpcContext,
        socket: WebSocketStream<Socket>,
    ) -> Self {
        let every = options.ping_interval.min(FOR_EVER);
        let pings = (!every.is_zero()).then(|| {
            let mut pings = interval_at(Instant::now() + every, every);
            pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pings
        });
        Self {
            shared,
            options,
            cx: cx.over(Transport::WebSocket),
            socket,
            outbox: Outbox::default(),
            unsent: None,
            roster: Roster::new(options.max_subscriptions),
            calls: FuturesUnordered::new(),
            subscriptions: SelectAll::new(),
            pings,
            ping: Ping::None,
            end: End::Open,
            is_stopping: false,
        }
    }

    /// Runs until there is nobody to serve.
    async fn run(&mut self, stop: &ShutdownToken) {
        let is_over = tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = poll_fn(|cx| self.poll(cx)) => true,
        };
        if !is_over {
            self.stop();
            poll_fn(|cx| self.poll(cx)).await;
        }
        // Calls that nobody waits for run to their end, as over HTTP; meanwhile, as they may hold what
        // others wait for.
        let (socket, calls) = (self.socket.get_mut(), &mut self.calls);
        let rest = async { while calls.next().await.is_some() {} };
        tokio::join!(leave(socket, self.end), rest);
    }

    /// Goes on until nothing moves; ready when the connection has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let flushed = self.outbox.poll_flush(Pin::new(&mut self.socket), cx);
            match flushed {
                Poll::Ready(Ok(())) => self.note_flushed(),
                Poll::Ready(Err(_)) => self.lose(),
                Poll::Pending => {}
            }
            if flushed.is_ready() && self.end != End::Open {
                return Poll::Ready(());
            }
            let has_moved = self.poll_calls(cx) | self.poll_items(cx);
            let is_heard = self.poll_client(cx);
            if !(has_moved | is_heard | self.poll_pings(cx, is_heard)) {
                return Poll::Pending;
            }
        }
    }

    fn poll_calls(&mut self, cx: &mut Context<'_>) -> bool {
        let Poll::Ready(Some(done)) = self.calls.poll_next_unpin(cx) else {
            return false;
        };
        if self.end != End::Open {
            return true;
        }
        // INV-P1: the answer first.
        if let Some(answer) = done.answer {
            self.expect_flush(done.permit);
            self.outbox.push_text(answer);
        }
        for subscription in done.opened {
            match self.is_stopping {
                true => self.say_stopped(&subscription),
                false => self.subscriptions.push(subscription),
            }
        }
        true
    }

    fn poll_items(&mut self, cx: &mut Context<'_>) -> bool {
        // INV-P2
        if !self.outbox.has_room() || self.end != End::Open {
            return false;
        }
        match self.subscriptions.poll_next_unpin(cx) {
            Poll::Ready(Some(said)) => {
                self.say(&said);
                true
            }
            Poll::Ready(None) | Poll::Pending => false,
        }
    }

    fn poll_client(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.is_listening() {
            return false;
        }
        let Poll::Ready(received) = Pin::new(&mut self.socket).poll_next(cx) else {
            return false;
        };
        match received {
            Some(Ok(Message::Text(text))) => self.take(text.into()),
            Some(Ok(Message::Binary(bytes))) => self.take(bytes),
            // Pongs are sent by the protocol itself, with the next flush.
            Some(Ok(Message::Ping(_))) => self.outbox.touch(),
            Some(Ok(Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) => self.part(),
            Some(Err(error)) => self.fail(&error),
            None => self.lose(),
        }
        true
    }

    fn poll_pings(&mut self, cx: &mut Context<'_>, is_heard: bool) -> bool {
        let Some(pings) = self.pings.as_mut().filter(|_| self.end == End::Open) else {
            return false;
        };
        if pings.poll_tick(cx).is_pending() {
            return false;
        }
        // While what came earlier is taken, more may wait to be read.
        let is_silent = !is_heard && self.is_listening();
        match self.ping {
            // Still on its way: the time that a write may take is the socket's affair.
            Ping::Queued => {}
            // Not a byte since: neither its answer nor a part of a long message.
            Ping::Sent(before) if is_silent && self.socket.get_ref().read() == before => {
                tracing::debug!(peer = ?self.cx.peer(), "WebSocket lost: no answer to a ping");
                self.lose();
            }
            Ping::None | Ping::Sent(_) => {
                self.ping = Ping::Queued;
                self.outbox.push(Message::Ping(Bytes::new()));
            }
        }
        true
    }

    /// Whether the client is read from.
    fn is_listening(&self) -> bool {
        let is_full = self.calls.len() >= self.options.max_pending_calls;
        !is_full && self.outbox.has_room() && self.end == End::Open
    }

    /// Notes that the client has been sent everything.
    fn note_flushed(&mut self) {
        self.unsent = None;
        if self.ping == Ping::Queued {
            self.ping = Ping::Sent(self.socket.get_ref().read());
            // A whole interval from now, however long it took.
            if let Some(pings) = &mut self.pings {
                pings.reset();
            }
        }
    }

    /// Makes the drain wait for the next flush.
    fn expect_flush(&mut self, permit: Option<OwnedSemaphorePermit>) {
        match (&mut self.unsent, permit) {
            (Some(all), Some(permit)) => all.merge(permit),
            (unsent, permit @ Some(_)) => *unsent = permit,
            (_, None) => {}
        }
    }

    /// INV-P3: says that a subscription ends with the service, unless the client has ended it.
    fn say_stopped(&mut self, subscription: &Subscription) {
        if !subscription.is_left() {
            self.say(&stopped(subscription));
        }
    }

    fn say(&mut self, said: &Said) {
        self.outbox.push_text(pushed::write(said));
    }

    /// Begins to work on a message.
    fn take(&self, message: Bytes) {
        let desk = MessageDesk::new(&self.roster);
        let cx = self.cx.clone().with_desk(Arc::<MessageDesk>::clone(&desk));
        let shared = Arc::clone(&self.shared);
        let done = async move {
            let permit = shared.calls.door.expect_answer();
            let reply = shared.calls.answer(&cx, &message).await;
            Done {
                answer: reply.body,
                opened: desk.take_opened(),
                permit,
            }
        };
        self.calls.push(done.boxed());
    }

    /// Ends all subscriptions, as the service stops.
    fn stop(&mut self) {
        self.is_stopping = true;
        if self.end == End::Open {
            for subscription in std::mem::take(&mut self.subscriptions) {
                self.say_stopped(&subscription);
            }
        }
    }

    /// Answers what is no WebSocket's message by its end.
    fn fail(&mut self, error: &Error) {
        match error {
            Error::Capacity(_) => self.close(CloseCode::Size, "the message is too long"),
            Error::Utf8(_) => self.close(CloseCode::Invalid, "the text is not UTF-8"),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => self.lose(),
            Error::Protocol(_) => self.close(CloseCode::Protocol, "not the WebSocket protocol"),
            _ => self.lose(),
        }
    }

    fn close(&mut self, code: CloseCode, reason: &'static str) {
        if self.end == End::Open {
            self.end = End::Closing;
            self.subscriptions.clear();
            let reason = Utf8Bytes::from_static(reason);
            self.outbox
                .push(Message::Close(Some(CloseFrame { code, reason })));
        }
    }

    /// Lets a client go that has said its last.
    fn part(&mut self) {
        self.lose();
        self.end = End::Left;
        self.outbox.touch();
    }

    fn lose(&mut self) {
        self.end = End::Gone;
        self.subscriptions.clear();
        // Nobody will read it.
        self.outbox = Outbox::default();
        self.unsent = None;
    }

    /// Writes what is in the outbox.
    async fn say_last(&mut self) {
        let said = poll_fn(|cx| self.outbox.poll_flush(Pin::new(&mut self.socket), cx)).await;
        if said.is_ok() {
            leave(self.socket.get_mut(), self.end).await;
        }
    }
}

/// Closes our side. If ours was the last word, what the client still sends is read over, so that a
/// reset does not overtake it.
async fn leave(socket: &mut Socket, end: End) {
    if end == End::Closing {
        socket.cut_short();
    }
    let _ = socket.shutdown().await;
}

/// What a subscription says when the service stops.
fn stopped(subscription: &Subscription) -> Said {
    Said {
        number: subscription.number,
        method: subscription.method,
        what: What::End(Some(JsonRpcError::from(Refusal::Stopping))),
    }
}
