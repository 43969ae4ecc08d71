//! An HTTP client that says exactly what it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any wait that a test is about.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) struct Client {
    stream: TcpStream,
    /// What was received and not yet read.
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    head: String,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a listener");
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(super) async fn send(&mut self, text: impl AsRef<[u8]>) {
        let sent = self.stream.write_all(text.as_ref()).await;
        sent.expect("the server reads");
    }

    /// Sends as much as the server takes.
    pub(super) async fn try_send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Closes this side: nothing more is sent, but the server is still listened to.
    pub(super) async fn finish(&mut self) {
        let closed = self.stream.shutdown().await;
        closed.expect("the connection is open");
    }

    /// Waits until a response begins to arrive.
    pub(super) async fn hears(&mut self) {
        assert!(self.receive().await, "the server closed");
    }

    /// Calls `POST /` and waits for the response.
    pub(super) async fn post(&mut self, body: impl AsRef<[u8]>) -> Response {
        self.send(post(body)).await;
        self.response().await
    }

    pub(super) async fn get(&mut self, path: &str) -> Response {
        self.request("GET", path, "").await
    }

    /// Sends a request without a body; each header ends with a line break.
    pub(super) async fn request(&mut self, method: &str, path: &str, headers: &str) -> Response {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        self.send(head).await;
        let is_head = method == "HEAD";
        self.read(is_head).await.expect("a response")
    }

    pub(super) async fn response(&mut self) -> Response {
        self.read(false).await.expect("a response")
    }

    /// Waits for the server to close; what it sent before is thrown away.
    pub(super) async fn closed(&mut self) {
        while self.receive().await {}
    }

    async fn read(&mut self, has_no_body: bool) -> Option<Response> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if !self.receive().await {
                return None;
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8(head).expect("a head is text");
        let status = head[9..12].parse().expect("a status");
        let mut response = Response {
            status,
            head,
            body: Vec::new(),
        };
        let length = response.header("content-length").unwrap_or("0");
        let length = if has_no_body { "0" } else { length };
        let length: usize = length.parse().expect("a length");
        while self.buffer.len() < length {
            assert!(self.receive().await, "the body broke off");
        }
        response.body = self.buffer.drain(..length).collect();
        Some(response)
    }

    /// Receives some more; `false` at the end.
    async fn receive(&mut self) -> bool {
        let received = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
        let received = received.expect("the server does something in time");
        received.is_ok_and(|bytes| bytes > 0)
    }
}

impl Response {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (this, value) = line.split_once(": ")?;
            this.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body is text")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body is JSON")
    }

    /// The code of the error that was answered, 0 if there was none.
    pub(super) fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_default()
    }
}

/// A request to `POST /`.
pub(super) fn post(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut request = head("", body.len()).into_bytes();
    request.extend_from_slice(body);
    request
}

/// The head of a request to `POST /` with a body of this length, and more headers.
pub(super) fn head(headers: &str, length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         {headers}content-length: {length}\r\n\r\n"
    )
}

/// A call with an id and no params.
pub(super) fn call(id: usize, method: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#)
}

/// A batch of calls.
pub(super) fn batch(calls: usize, method: &str) -> String {
    let calls: Vec<_> = (0..calls).map(|id| call(id, method)).collect();
    format!("[{}]", calls.join(","))
}
