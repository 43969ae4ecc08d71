//! A JSON-RPC client over HTTP/1.1, for one kind of request to one kind of server.
//!
//! Written by hand, as all it needs is a POST with a length and an answer with one: that is this
//! file, and a general client would be some twenty more crates. No TLS, redirects or proxies.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use anyhow::{Context, bail};
use dig_service::JsonRpcError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// More than any answer to what this program calls.
const MAX_ANSWER: usize = 64 * 1024;
/// More than any line of a header.
const MAX_LINE: u64 = 8 * 1024;

/// A connection to a node, made on the first call and kept.
#[derive(Debug)]
pub(crate) struct Client {
    addr: SocketAddr,
    stream: Option<BufStream<TcpStream>>,
}

/// What came of a call that reached the node.
pub(crate) type Answer<T> = Result<T, JsonRpcError>;

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: u32,
    method: &'a str,
    params: P,
}

#[derive(Deserialize)]
struct Response<T> {
    result: Option<T>,
    error: Option<JsonRpcError>,
}

impl Client {
    pub(crate) const fn new(addr: SocketAddr) -> Self {
        let stream = None;
        Self { addr, stream }
    }

    /// Calls a method. A connection that was kept may have been closed meanwhile, so a call on one
    /// is tried twice; use it for methods that may run twice.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the method may have run. The client can be used again.
    pub(crate) async fn call<P: Serialize, T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: P,
    ) -> anyhow::Result<Answer<T>> {
        let body = serde_json::to_vec(&Request {
            jsonrpc: "2.0",
            id: 1,
            method,
            params,
        })?;
        if let Some(stream) = self.stream.take()
            && let Ok((stream, status, answer)) = exchange(stream, self.addr, &body).await
        {
            self.stream = stream;
            return read_answer(status, &answer);
        }
        let (stream, status, answer) = self
            .first_exchange(&body)
            .await
            .with_context(|| format!("no node answers at http://{} (--rpc)", self.addr))?;
        self.stream = stream;
        read_answer(status, &answer)
    }

    async fn first_exchange(&self, body: &[u8]) -> io::Result<Exchanged> {
        let stream = TcpStream::connect(self.addr).await?;
        stream.set_nodelay(true)?;
        exchange(BufStream::new(stream), self.addr, body).await
    }
}

/// The connection, if it can be used again; the status; the body.
type Exchanged = (Option<BufStream<TcpStream>>, u16, Vec<u8>);

async fn exchange(
    mut stream: BufStream<TcpStream>,
    addr: SocketAddr,
    body: &[u8],
) -> io::Result<Exchanged> {
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {addr}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await?;

    let status = line(&mut stream).await?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| malformed("no status"))?;
    let (mut length, mut is_kept) = (None, true);
    loop {
        let header = line(&mut stream).await?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse::<usize>().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            is_kept = !value.eq_ignore_ascii_case("close");
        }
    }
    let length = length.filter(|length| *length <= MAX_ANSWER);
    let mut answer = vec![0; length.ok_or_else(|| malformed("no usable length"))?];
    stream.read_exact(&mut answer).await?;
    Ok((is_kept.then_some(stream), status, answer))
}

async fn line(stream: &mut BufStream<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.take(MAX_LINE).read_line(&mut line).await?;
    match line.ends_with('\n') {
        true => Ok(line.trim_end().to_owned()),
        false => Err(malformed("header cut short")),
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(
        ErrorKind::InvalidData,
        format!("answer not in HTTP: {what}"),
    )
}

fn read_answer<T: DeserializeOwned>(status: u16, body: &[u8]) -> anyhow::Result<Answer<T>> {
    let Ok(response) = serde_json::from_slice::<Response<T>>(body) else {
        bail!("the node answered with HTTP status {status}, and not in JSON-RPC");
    };
    match (response.result, response.error) {
        (Some(result), None) => Ok(Ok(result)),
        (_, Some(error)) => Ok(Err(error)),
        (None, None) => bail!("the node's answer has neither result nor error"),
    }
}
