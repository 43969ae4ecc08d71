//! JSON-RPC over a WebSocket, from the client's side.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the handle, which any number of callers share |
//! | `command` | what the handle asks of the driver |
//! | `driver` | the task that owns the connection |
//! | `incoming` | messages of the server, taken apart |
//! | `waiting` | who waits for which answer |

mod command;
mod driver;
mod incoming;
mod waiting;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use dig_rpc_types::envelope::JsonRpcError;
use futures_core::Stream;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::HOST;

use self::command::{Asked, Command, Hangup, Taken};
use self::driver::Driver;
use crate::rpc::client::target::{InvalidTransport, Target};
use crate::rpc::client::{
    Answer, OutgoingCall, PushError, Pushes, RpcTransport, SubscribeTransport, TransportError,
    message,
};
use crate::rpc::frames::config;
use crate::tasks::{TaskKind, TaskOptions, TaskRegistry};

/// How many commands may wait for the driver.
const COMMANDS: usize = 16;
/// How many items of a subscription are kept for one that does not take them.
const ITEMS: usize = 256;
/// How often the server is pinged unless told otherwise.
const PINGS: Duration = Duration::from_secs(30);
/// How many items are kept at most.
const MOST_ITEMS: usize = 1 << 20;

/// A server to be called over a WebSocket: where it is, and how it is called.
///
/// # Examples
///
/// ```no_run
/// use dig_service::client::{RpcTransport, WsTransport};
/// use dig_service::TaskRegistry;
///
/// # async fn call(tasks: &TaskRegistry) -> anyhow::Result<()> {
/// let transport = WsTransport::to("ws://127.0.0.1:9778")?.connect(tasks).await?;
/// let answer = transport.call("chain.head", serde_json::Value::Null).await?;
/// # drop(answer);
/// # Ok(())
/// # }
/// # let _ = call;
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is connected before `connect`"]
pub struct WsTarget {
    target: Target,
    items: usize,
    ping_every: Duration,
}

/// Calls a server over one WebSocket, and subscribes.
///
/// Any number of calls share the connection; clones share it, too. It is driven by a task of the
/// registry that it was connected with, and closed when the last clone and the last subscription are
/// dropped, when that registry stops, or by the server. It is not connected again: make a new one.
///
/// An error that the server tells without an id, of a message that it could not take apart, is told to a
/// call or batch that waits alone, with no notification before it that may be meant. Otherwise it is in the
/// log, and whoever was meant runs into the timeout.
///
/// # Cancel safety
///
/// Dropping a call gives up its answer; a call that was sent runs on. Dropping a subscription ends
/// it, also while it is being made.
#[derive(Clone, Debug)]
pub struct WsTransport {
    commands: mpsc::Sender<Command>,
    next_id: Arc<AtomicU64>,
    timeout: Duration,
}

impl WsTarget {
    /// Sets how long connecting and each call may take; 60 s by default.
    pub const fn with_timeout(mut self, limit: Duration) -> Self {
        self.target.timeout = limit;
        self
    }

    /// Sets how many bytes a message of the server may have; 16 MiB by default. One that is longer
    /// closes the connection.
    pub const fn with_answer_limit(mut self, bytes: usize) -> Self {
        self.target.answer_limit = bytes;
        self
    }

    /// Sets how many items of a subscription are kept for one that is slow to take them; 256 by
    /// default, 1 to 1 048 576. When more come, the subscription ends behind those with
    /// [`TransportError::Lagged`].
    pub const fn with_item_limit(mut self, items: usize) -> Self {
        self.items = match items {
            0 => 1,
            items if items > MOST_ITEMS => MOST_ITEMS,
            items => items,
        };
        self
    }

    /// Sets how often the server is pinged; 30 s by default. One from which no message came in three
    /// such times is taken for gone. `Duration::ZERO` is never.
    pub const fn with_ping_interval(mut self, interval: Duration) -> Self {
        self.ping_every = interval;
        self
    }

    /// Sends a header with the request that opens the connection, as for a token of access.
    ///
    /// # Errors
    ///
    /// Name or value cannot stand in a header, or the transport writes it itself.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, InvalidTransport> {
        self.target.add_header(name, value)?;
        Ok(self)
    }

    /// Connects. `Ok` confirms that the server has answered as one of WebSockets.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, refuses ([`TransportError::Status`]), or takes too long; or the
    /// registry takes no tasks any more ([`TransportError::Closed`]).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn connect(self, tasks: &TaskRegistry) -> Result<WsTransport, TransportError> {
        let limit = self.target.timeout;
        let connected = timeout(limit, self.open()).await;
        let socket = connected.unwrap_or(Err(TransportError::TimedOut(limit)))?;
        let (commands, received) = mpsc::channel(COMMANDS);
        let next_id = Arc::<AtomicU64>::default();
        let driver = Driver::new(
            socket,
            received,
            Arc::<Hangup>::default(),
            Arc::clone(&next_id),
            self.items,
            self.ping_every,
        );
        let options = TaskOptions::new(TaskKind::PeerConnection).label(self.target.name.clone());
        tasks.spawn_with("rpc_client.websocket", options, |task| async move {
            driver.run(&task.shutdown).await;
            Ok(())
        });
        if commands.is_closed() {
            return Err(TransportError::Closed);
        }
        Ok(WsTransport {
            commands,
            next_id,
            timeout: limit,
        })
    }

    async fn open(&self) -> Result<driver::Socket, TransportError> {
        use tokio_tungstenite::tungstenite::Error;
        let target = &self.target;
        let unreachable = |error: std::io::Error| TransportError::Unreachable(Arc::new(error));
        let stream = TcpStream::connect((&*target.name, target.port));
        let stream = stream.await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        // The name is replaced by the `Host` below.
        let url = format!("ws://localhost{}", target.path);
        let failed = |error: Error| match error {
            Error::Http(response) => TransportError::Status(response.status().as_u16()),
            error => TransportError::Unreachable(Arc::new(error)),
        };
        let mut request = url.into_client_request().map_err(failed)?;
        let headers = request.headers_mut();
        headers.extend(target.headers.clone());
        headers.insert(HOST, target.host.clone());
        let config = config(target.answer_limit);
        let opened = client_async_with_config(request, stream, Some(config)).await;
        opened.map(|(socket, _)| socket).map_err(failed)
    }
}

impl WsTransport {
    /// Says where to connect to, as in `ws://127.0.0.1:9778`; a path is kept.
    ///
    /// # Errors
    ///
    /// `url` is no `ws` address.
    pub fn to(url: &str) -> Result<WsTarget, InvalidTransport> {
        Ok(WsTarget {
            target: Target::parse(url, "ws")?,
            items: ITEMS,
            ping_every: PINGS,
        })
    }

    /// Returns whether the connection has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.commands.is_closed()
    }

    /// Hands a command to the driver and waits for what it tells.
    async fn ask<T>(&self, make: impl FnOnce(Asked<T>) -> Command) -> Result<T, TransportError> {
        let (told, asked) = oneshot::channel();
        let exchange = async {
            let sent = self.commands.send(make(told)).await;
            sent.map_err(|_| TransportError::Closed)?;
            asked.await.unwrap_or(Err(TransportError::Closed))
        };
        let limit = self.timeout;
        let exchanged = timeout(limit, exchange).await;
        exchanged.unwrap_or(Err(TransportError::TimedOut(limit)))
    }

    fn ids(&self, count: usize) -> u64 {
        // Ids need only differ from one another.
        self.next_id.fetch_add(count as u64, Ordering::Relaxed)
    }
}

/// The items of a subscription, which keep the connection as a clone of the transport does.
struct Kept {
    items: Taken,
    _transport: mpsc::Sender<Command>,
}

impl Stream for Kept {
    type Item = Result<Value, PushError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.items).poll_next(cx)
    }
}

impl RpcTransport for WsTransport {
    async fn call(&self, method: &str, params: Value) -> Result<Answer, TransportError> {
        let id = self.ids(1);
        let message = message::call(id, method, &params);
        self.ask(|told| Command::Call { id, message, told }).await
    }

    async fn notify(&self, method: &str, params: Value) -> Result<(), TransportError> {
        let message = message::notification(method, &params);
        self.ask(|told| Command::Notify { message, told }).await
    }

    async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
        let first = self.ids(calls.len());
        let message = message::batch(first, &calls);
        if calls.iter().all(|call| call.is_notification) {
            if !calls.is_empty() {
                self.ask(|told| Command::Notify { message, told }).await?;
            }
            return Ok(Vec::new());
        }
        let asked = |told| Command::Batch {
            first,
            calls,
            message,
            told,
        };
        self.ask(asked).await
    }
}

impl SubscribeTransport for WsTransport {
    async fn subscribe(
        &self,
        method: &str,
        unsubscribe: &str,
        params: Value,
    ) -> Result<Result<Pushes, JsonRpcError>, TransportError> {
        let id = self.ids(1);
        let message = message::call(id, method, &params);
        let unsubscribe = unsubscribe.to_owned();
        let items = self
            .ask(|told| Command::Subscribe {
                id,
                unsubscribe,
                message,
                told,
            })
            .await?;
        Ok(items.map(|items| {
            let transport = self.commands.clone();
            Pushes::new(Kept {
                items,
                _transport: transport,
            })
        }))
    }
}
