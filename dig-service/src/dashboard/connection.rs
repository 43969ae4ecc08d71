//! One connection: its requests in order, and what is pushed in between.
//!
//! One task per connection. It never waits for a peer that does not read for longer than
//! [`WRITE_PATIENCE`], and nothing else waits for it: who is slow loses events, and is told so.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};

use crate::dashboard::frame::{Frame, Frames};
use crate::dashboard::logs::Line;
use crate::dashboard::peer::Peer;
use crate::dashboard::rate::TokenBucket;
use crate::dashboard::service::SubscriptionParams;
use crate::dashboard::view::{event_record, log_record};
use crate::dashboard::{
    DashboardError, DashboardErrorCode, DashboardIpcService, DashboardStage, IpcMethod, IpcRequest,
    IpcResponse, IpcResult, SubscriptionKind,
};
use crate::event::{Event, EventSubscription, Lagged};
use crate::shutdown::ShutdownToken;

/// How long a peer may take no byte.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// How long what is left to say may take once the service is over.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How much is read at once.
const CHUNK: usize = 8 * 1024;

/// The connection is to be closed: the peer is gone, or does not read.
struct Gone;

type Answering = Pin<Box<dyn Future<Output = IpcResponse> + Send>>;

/// One connection.
pub(crate) struct Connection {
    service: DashboardIpcService,
    peer: Peer,
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    frames: Frames,
    bucket: TokenBucket,
    events: Option<EventSubscription>,
    logs: Option<broadcast::Receiver<Arc<Line>>>,
    /// The request that is being answered; the next one is read afterwards.
    answering: Option<Answering>,
    /// Something is to be pushed, though there may be no log to push from.
    is_subscribed: bool,
    /// What is to be written, and how much of it was: kept here, so that nothing is cut in the middle
    /// when the service is over.
    out: Vec<u8>,
    sent: usize,
    /// When the last request came.
    heard: Instant,
}

/// What happened next.
enum Next {
    Answered(IpcResponse),
    Event(Option<Result<Event, Lagged>>),
    Log(Result<Arc<Line>, RecvError>),
    Read(usize),
    Over,
}

impl Connection {
    pub(crate) fn new(service: DashboardIpcService, peer: Peer, stream: UnixStream) -> Self {
        let (read, write) = stream.into_split();
        let config = service.config().config();
        let now = Instant::now();
        Self {
            frames: Frames::new(config.max_request_bytes),
            bucket: TokenBucket::new(config.requests_per_second, config.request_burst, now),
            peer,
            read,
            write,
            events: None,
            logs: None,
            answering: None,
            is_subscribed: false,
            out: Vec::new(),
            sent: 0,
            heard: now,
            service,
        }
    }

    /// Serves until the peer is gone, or the token fires.
    pub(crate) async fn serve(mut self, token: ShutdownToken) {
        let mut chunk = [0; CHUNK];
        loop {
            let served = tokio::select! {
                biased;
                () = token.cancelled() => break,
                served = self.step(&mut chunk) => served,
            };
            if served.is_err() {
                return;
            }
        }
        // What has happened until the end is told, if the peer takes it at once.
        let _ = timeout(LAST_WORDS, self.last_words()).await;
    }

    /// One thing: an answer, a push, or a request.
    async fn step(&mut self, chunk: &mut [u8; CHUNK]) -> Result<(), Gone> {
        while self.answering.is_none()
            && let Some(frame) = self.frames.next()
        {
            self.take(frame).await?;
        }
        match self.next(chunk).await {
            Next::Answered(response) => {
                self.answering = None;
                self.heard = Instant::now();
                self.send(&response).await
            }
            Next::Event(event) => self.push_event(event).await,
            Next::Log(line) => self.push_line(line).await,
            Next::Read(0) | Next::Over => Err(Gone),
            Next::Read(count) => {
                self.frames.push(&chunk[..count]);
                Ok(())
            }
        }
    }

    async fn next(&mut self, chunk: &mut [u8; CHUNK]) -> Next {
        let idle = self.heard + self.service.config().idle_timeout();
        let is_free = self.answering.is_none();
        tokio::select! {
            // Answers first: a stream of events must not keep a request waiting.
            biased;
            response = answered(&mut self.answering) => Next::Answered(response),
            read = self.read.read(chunk), if is_free => match read {
                Ok(count) => Next::Read(count),
                Err(_) => Next::Over,
            },
            event = next_event(&mut self.events) => Next::Event(event),
            line = next_line(&mut self.logs) => Next::Log(line),
            () = sleep_until(idle), if is_free && !self.is_subscribed => Next::Over,
        }
    }

    /// Takes a line: size, rate, parse, in this order.
    async fn take(&mut self, frame: Frame) -> Result<(), Gone> {
        let is_within_rate = self.bucket.take(Instant::now());
        let line = match frame {
            Frame::TooLarge => {
                let limit = self.service.config().config().max_request_bytes;
                let what = format!("a request has {limit} bytes at most; the rest is skipped");
                let error = DashboardError::new(
                    DashboardErrorCode::RequestTooLarge,
                    DashboardStage::SizeLimit,
                    what,
                );
                return self.refuse(IpcResponse::unreadable(error)).await;
            }
            Frame::Line(line) => line,
        };
        if !is_within_rate {
            let what = "too many requests on this connection; wait a moment";
            let error = DashboardError::new(
                DashboardErrorCode::RateLimitExceeded,
                DashboardStage::RateLimit,
                what,
            );
            let response = IpcResponse::failure(IpcRequest::id_of(&line), error.retryable());
            return self.refuse(response).await;
        }
        self.heard = Instant::now();
        let request = match IpcRequest::parse(&line) {
            Ok(request) => request,
            Err(refused) => return self.refuse(*refused).await,
        };
        match request.method {
            IpcMethod::EventsSubscribe | IpcMethod::LogsTail => self.subscribe(request).await,
            IpcMethod::State => {
                let line = self.service.state_line(&request.request_id).await;
                self.send_bytes(line).await
            }
            _ => {
                let (service, peer) = (self.service.clone(), self.peer);
                let answer = async move { service.answer(request, peer).await };
                self.answering = Some(Box::pin(answer));
                Ok(())
            }
        }
    }

    async fn refuse(&mut self, mut response: IpcResponse) -> Result<(), Gone> {
        let target_id = self.service.target_id();
        response.error = response.error.map(|error| error.of_target(target_id));
        self.send(&response).await
    }

    /// Begins a subscription; the events after the one asked for come first.
    async fn subscribe(&mut self, request: IpcRequest) -> Result<(), Gone> {
        let (method, params) = (request.method, request.params::<SubscriptionParams>());
        if let Some(error) = self.beyond(&request) {
            let response = IpcResponse::failure(request.request_id, error);
            return self.refuse(response).await;
        }
        let response = self.service.answer(request, self.peer).await;
        let view = self.service.view();
        if let (true, Ok(params)) = (response.ok, params) {
            self.is_subscribed = true;
            match method {
                IpcMethod::EventsSubscribe => {
                    let handle = &view.service;
                    self.events = Some(match params.after_sequence {
                        Some(sequence) => handle.subscribe_after(sequence),
                        None => handle.subscribe(),
                    });
                }
                _ => self.logs = view.logs.as_ref().map(|logs| logs.follow()),
            }
        }
        self.send(&response).await
    }

    /// Why events cannot go on after the one asked for: it has not happened yet. Who asks for it has
    /// seen it in another life of the process.
    fn beyond(&self, request: &IpcRequest) -> Option<DashboardError> {
        let params = request.params::<SubscriptionParams>().ok()?;
        let asked = params
            .after_sequence
            .filter(|_| params.session_established)?;
        let last = self.service.view().service.read_journal().sequence;
        (asked > last).then(|| {
            let what = format!("after_sequence {asked} is beyond the last event, {last}: the process is another; begin with its state");
            let code = DashboardErrorCode::InvalidCommandParams;
            DashboardError::new(code, DashboardStage::ProtocolParse, what)
        })
    }

    async fn push_event(&mut self, event: Option<Result<Event, Lagged>>) -> Result<(), Gone> {
        let target_id = self.service.target_id();
        let pushed = match event {
            None => return Err(Gone),
            Some(Ok(event)) => IpcResult::Event {
                target_id: target_id.to_string(),
                event: event_record(target_id, &event),
            },
            Some(Err(Lagged { dropped })) => {
                let told = &self.service.view().told;
                told.dropped_events.fetch_add(dropped, Ordering::Relaxed);
                self.lagged(SubscriptionKind::Events, dropped)
            }
        };
        self.send(&pushed).await
    }

    async fn push_line(&mut self, line: Result<Arc<Line>, RecvError>) -> Result<(), Gone> {
        let target_id = self.service.target_id();
        let pushed = match line {
            Ok(line) => IpcResult::Log {
                target_id: target_id.to_string(),
                log: log_record(target_id, &line),
            },
            Err(RecvError::Lagged(dropped)) => {
                let told = &self.service.view().told;
                told.dropped_logs.fetch_add(dropped, Ordering::Relaxed);
                self.lagged(SubscriptionKind::Logs, dropped)
            }
            Err(RecvError::Closed) => {
                self.logs = None;
                return Ok(());
            }
        };
        self.send(&pushed).await
    }

    fn lagged(&self, subscription: SubscriptionKind, dropped: u64) -> IpcResult {
        IpcResult::Lagged {
            target_id: self.service.target_id().to_string(),
            subscription,
            dropped,
        }
    }

    /// Writes a line.
    async fn send(&mut self, line: &impl Serialize) -> Result<(), Gone> {
        let mut bytes = serde_json::to_vec(line).map_err(|_| Gone)?;
        bytes.push(b'\n');
        self.send_bytes(bytes).await
    }

    async fn send_bytes(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        match self.out.is_empty() {
            true => self.out = bytes,
            false => self.out.extend_from_slice(&bytes),
        }
        self.flush().await
    }

    /// Writes what is to be written; a peer that takes no byte for too long is gone.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the next call goes on where this one was dropped.
    async fn flush(&mut self) -> Result<(), Gone> {
        while self.sent < self.out.len() {
            let rest = &self.out[self.sent..];
            match timeout(WRITE_PATIENCE, self.write.write(rest)).await {
                Ok(Ok(count)) if count > 0 => self.sent += count,
                _ => return Err(Gone),
            }
        }
        // Not kept: it may have been as large as a state.
        self.out = Vec::new();
        self.sent = 0;
        Ok(())
    }

    /// Gives the answer that is under way, and the events until the last.
    async fn last_words(&mut self) -> Result<(), Gone> {
        self.flush().await?;
        if let Some(answering) = self.answering.take() {
            let response = answering.await;
            self.send(&response).await?;
        }
        loop {
            let event = tokio::select! {
                biased;
                event = next_event(&mut self.events) => event,
                () = std::future::ready(()) => return Ok(()),
            };
            self.push_event(event).await?;
        }
    }
}

async fn answered(answering: &mut Option<Answering>) -> IpcResponse {
    match answering {
        Some(answering) => answering.await,
        None => std::future::pending().await,
    }
}

async fn next_event(events: &mut Option<EventSubscription>) -> Option<Result<Event, Lagged>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

async fn next_line(
    logs: &mut Option<broadcast::Receiver<Arc<Line>>>,
) -> Result<Arc<Line>, RecvError> {
    match logs {
        Some(logs) => logs.recv().await,
        None => std::future::pending().await,
    }
}
