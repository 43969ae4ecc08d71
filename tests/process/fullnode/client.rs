//! A JSON-RPC client over HTTP, for tests: one connection, kept.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::PATIENCE;

#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    addr: String,
}

impl Client {
    pub(crate) fn connect(addr: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let stream = BufReader::new(stream);
        let addr = addr.to_owned();
        Ok(Self { stream, addr })
    }

    /// Sends a call and returns the whole response.
    pub(crate) fn send(&mut self, method: &str, params: Value) -> io::Result<Value> {
        let mut call = json!({ "jsonrpc": "2.0", "id": 1, "method": method });
        call["params"] = params;
        let body = call.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.addr,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        Ok(serde_json::from_slice(&answer)?)
    }
}
