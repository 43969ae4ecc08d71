//! One connection to a server: the same bytes again and again, and no more reading than is needed.

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::check;

/// More than any answer has, its head included.
const ROOM: usize = 4096;

/// Finds the answer in the bytes that came so far, once it is there to its end.
type Whole = fn(&[u8]) -> anyhow::Result<Option<&[u8]>>;

/// An open connection, one call at a time.
pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    whole: Whole,
    buffer: Box<[u8; ROOM]>,
    first: Option<Vec<u8>>,
}

impl Connection {
    /// Takes a stream that is ready for calls, each of which is these bytes.
    pub fn new(stream: TcpStream, request: Vec<u8>, whole: Whole) -> Self {
        Self {
            stream,
            request,
            whole,
            buffer: Box::new([0; ROOM]),
            first: None,
        }
    }

    /// Sends one call, and waits until exactly its answer was read. The first answer must be the
    /// right one, and all others the same as the first.
    pub async fn call(&mut self) -> anyhow::Result<()> {
        self.stream.write_all(&self.request).await?;
        let mut filled = 0;
        let answer = loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(read > 0, "the server closed the connection");
            filled += read;
            if let Some(answer) = (self.whole)(&self.buffer[..filled])? {
                break answer;
            }
        };
        match &self.first {
            Some(first) => ensure!(answer == first, "answers differ"),
            None => {
                check(answer)?;
                self.first = Some(answer.to_vec());
            }
        }
        Ok(())
    }
}
