//! Calls over a WebSocket: the same frame again and again, and no more reading than is needed.

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{call, check};
use crate::process::Server;

/// A text in one frame (RFC 6455, section 5.2).
const TEXT: u8 = 0x81;
/// The client's frames are masked; a mask of zeros leaves the text as it is.
const MASKED: u8 = 0x80;
/// From here on a length does not fit into its first byte.
const LONG: usize = 126;
/// More than any answer has.
const ROOM: usize = 512;

/// An open WebSocket.
pub struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Box<[u8; ROOM]>,
    /// The first answer.
    first: Option<Vec<u8>>,
}

impl crate::load::Client for Client {
    async fn connect(server: &Server) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(server.address).await?;
        stream.set_nodelay(true)?;
        let head = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server.address
        );
        stream.write_all(head.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head)?;
        ensure!(head.starts_with("HTTP/1.1 101 "), "no WebSocket: {head}");
        Ok(Self {
            stream,
            request: frame(&call())?,
            buffer: Box::new([0; ROOM]),
            first: None,
        })
    }

    async fn call(&mut self) -> anyhow::Result<()> {
        self.stream.write_all(&self.request).await?;
        let mut filled = 0;
        let text = loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(read > 0, "the server closed the connection");
            filled += read;
            if let Some(text) = whole(&self.buffer[..filled])? {
                break text;
            }
        };
        match &self.first {
            Some(first) => ensure!(text == first, "answers differ"),
            None => {
                check(text)?;
                self.first = Some(text.to_vec());
            }
        }
        Ok(())
    }
}

/// A short text as a client's frame.
fn frame(text: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(text.len() < LONG, "the call is too long");
    let mut frame = vec![TEXT, MASKED | u8::try_from(text.len())?, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    Ok(frame)
}

/// The text, once the server's frame is there to its end.
fn whole(bytes: &[u8]) -> anyhow::Result<Option<&[u8]>> {
    let [kind, length, text @ ..] = bytes else {
        return Ok(None);
    };
    ensure!(*kind == TEXT, "no text: {kind:#x}");
    let length = usize::from(*length);
    ensure!(length < LONG, "a long answer");
    ensure!(text.len() <= length, "more than one answer");
    Ok((text.len() == length).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_at_its_last_byte() {
        let answer = [TEXT, 2, b'{', b'}'];
        for end in 0..answer.len() {
            assert_eq!(whole(&answer[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(whole(&answer).unwrap(), Some(&b"{}"[..]));
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        for bytes in [&[0x88, 0][..], &[TEXT, 126, 0], &[TEXT, 0, b'x']] {
            assert!(whole(bytes).is_err());
        }
        assert!(frame(&"x".repeat(LONG)).is_err());
    }
}
