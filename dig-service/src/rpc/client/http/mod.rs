//! JSON-RPC over HTTP/1.1, from the client's side.
//!
//! Connections are kept and used again. Each is driven by the call that uses it, so nothing runs in
//! the background and nothing is left behind by a client that is dropped.

mod link;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::http::header::{CONTENT_TYPE, HOST};
use hyper::http::{HeaderValue, Request};
use serde_json::Value;
use tokio::time::timeout;

use self::link::{Body, Link};
use crate::rpc::client::message;
use crate::rpc::client::target::{InvalidTransport, Target};
use crate::rpc::client::{Answer, OutgoingCall, RpcTransport, TransportError};
use crate::sync::Lock;

/// The most connections that are kept while nobody calls.
const IDLE: usize = 16;

/// Calls a server over HTTP.
///
/// Each call has a connection to itself while it runs; afterwards the connection is kept for the
/// next. It belongs to the runtime that opened it, so use a transport per runtime. Clones share the
/// connections. There is no TLS: for a server behind `https`, implement [`RpcTransport`] on a
/// client that has it.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use dig_service::client::{HttpTransport, RpcTransport};
///
/// # async fn call() -> anyhow::Result<()> {
/// let transport = HttpTransport::new("http://127.0.0.1:9778")?
///     .with_timeout(Duration::from_secs(5))
///     .with_header("authorization", "Bearer 4f1a")?;
/// let answer = transport.call("chain.head", serde_json::Value::Null).await?;
/// # drop(answer);
/// # Ok(())
/// # }
/// # let _ = call;
/// ```
///
/// # Cancel safety
///
/// Dropping a call closes its connection. A call that was sent may run on, to its end or to the
/// server's time limit.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    target: Target,
    idle: Arc<Lock<Vec<Link>>>,
    next_id: Arc<AtomicU64>,
}

impl HttpTransport {
    /// Calls the server at `url`, as in `http://127.0.0.1:9778`; a path is kept. Nothing is
    /// connected before the first call.
    ///
    /// # Errors
    ///
    /// `url` is no `http` address.
    pub fn new(url: &str) -> Result<Self, InvalidTransport> {
        Ok(Self {
            target: Target::parse(url, "http")?,
            idle: Arc::default(),
            next_id: Arc::default(),
        })
    }

    /// Sets how long a call may take, connecting included; 60 s by default.
    #[must_use]
    pub const fn with_timeout(mut self, limit: std::time::Duration) -> Self {
        self.target.timeout = limit;
        self
    }

    /// Sets how many bytes an answer may have; 16 MiB by default.
    #[must_use]
    pub const fn with_answer_limit(mut self, bytes: usize) -> Self {
        self.target.answer_limit = bytes;
        self
    }

    /// Sends a header with every call, as for a token of access.
    ///
    /// # Errors
    ///
    /// Name or value cannot stand in a header, or the transport writes it itself.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, InvalidTransport> {
        self.target.add_header(name, value)?;
        Ok(self)
    }

    /// Sends a message and returns what came back; `None` for an empty body.
    async fn exchange(&self, message: Vec<u8>) -> Result<Option<Vec<u8>>, TransportError> {
        let limit = self.target.timeout;
        let exchanged = timeout(limit, self.exchange_on_some_link(message)).await;
        exchanged.unwrap_or(Err(TransportError::TimedOut(limit)))
    }

    async fn exchange_on_some_link(
        &self,
        message: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, TransportError> {
        let mut request = self.request(message);
        loop {
            let kept = self.idle.lock().pop();
            let (link, is_fresh) = match kept {
                Some(link) => (link, false),
                None => (Link::connect(&self.target).await?, true),
            };
            match link.exchange(request, self.target.answer_limit).await {
                Ok((response, link)) => {
                    self.keep(link);
                    return response.into_answer();
                }
                // The server had closed a kept connection before it took anything.
                Err((_, Some(unsent))) if !is_fresh => request = unsent,
                Err((error, _)) => return Err(error),
            }
        }
    }

    fn request(&self, message: Vec<u8>) -> Request<Body> {
        let mut request = Request::new(Body::from(message));
        *request.method_mut() = hyper::http::Method::POST;
        *request.uri_mut() = self.target.path.clone();
        let headers = request.headers_mut();
        *headers = self.target.headers.clone();
        headers.insert(HOST, self.target.host.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    fn keep(&self, link: Option<Link>) {
        let mut idle = self.idle.lock();
        if idle.len() < IDLE {
            idle.extend(link);
        }
    }

    fn ids(&self, count: usize) -> u64 {
        // Ids need only differ from one another.
        self.next_id.fetch_add(count as u64, Ordering::Relaxed)
    }
}

impl RpcTransport for HttpTransport {
    async fn call(&self, method: &str, params: Value) -> Result<Answer, TransportError> {
        let id = self.ids(1);
        let answer = self.exchange(message::call(id, method, &params)).await?;
        message::read_one(id, answer.as_deref())
    }

    async fn notify(&self, method: &str, params: Value) -> Result<(), TransportError> {
        let answer = self
            .exchange(message::notification(method, &params))
            .await?;
        match answer {
            None => Ok(()),
            Some(answer) => Err(message::unexpected(&answer)),
        }
    }

    async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let first = self.ids(calls.len());
        let answer = self.exchange(message::batch(first, &calls)).await?;
        message::read_many(first, &calls, answer.as_deref())
    }
}
