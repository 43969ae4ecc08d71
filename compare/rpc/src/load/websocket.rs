//! Calls over a WebSocket.

use std::net::SocketAddr;

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::call;
use crate::load::connection::Connection;

/// A text in one frame (RFC 6455, section 5.2).
const TEXT: u8 = 0x81;
/// The client's frames are masked; a mask of zeros leaves the text as it is.
const MASKED: u8 = 0x80;
/// From here on a length does not fit into its first byte.
const LONG: usize = 126;

/// Connects and opens a WebSocket.
pub async fn connect(server: SocketAddr) -> anyhow::Result<Connection> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let head = format!(
        "GET / HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    ensure!(head.starts_with("HTTP/1.1 101 "), "no WebSocket: {head}");
    Ok(Connection::new(stream, frame(&call())?, whole))
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
