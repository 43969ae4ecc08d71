//! Calls over HTTP/1.1.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use tokio::net::TcpStream;

use crate::load::call;
use crate::load::connection::Connection;

/// Where a head ends.
const END: &[u8] = b"\r\n\r\n";

/// Connects; the connection is kept alive.
pub async fn connect(server: SocketAddr) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let body = call();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Ok(Connection::new(stream, (head + &body).into_bytes(), whole))
}

/// The body, once the answer is there to its end.
fn whole(bytes: &[u8]) -> anyhow::Result<Option<&[u8]>> {
    let Some(end) = bytes.windows(END.len()).position(|four| four == END) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("a wrong answer: {head}");
    }
    let length = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim())
    });
    let length: usize = length.context("no `Content-Length`")?.parse()?;
    let body = &bytes[end + END.len()..];
    ensure!(body.len() <= length, "more than one answer");
    Ok((body.len() == length).then_some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-Length: 2\r\nx: y\r\n\r\n{}";

    #[test]
    fn an_answer_is_whole_at_its_last_byte() {
        for end in 0..ANSWER.len() {
            assert_eq!(whole(&ANSWER[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(whole(ANSWER).unwrap(), Some(&b"{}"[..]));
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        for bytes in [
            &b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx",
        ] {
            assert!(whole(bytes).is_err());
        }
    }
}
