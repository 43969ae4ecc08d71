//! WebSocket messages that wait to be written, on either side.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// What is read at once. A larger message is put together, up to its limit.
const READ_BUFFER: usize = 8 * 1024;
/// What is put together before it is written.
const WRITE_BUFFER: usize = 8 * 1024;
/// How many messages may wait to be written before others have to wait to be made.
const ROOM: usize = 16;

/// How a connection is read and written; a message may have so many bytes.
pub(super) fn config(limit: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(limit))
        .max_frame_size(Some(limit))
}

/// Messages in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<Message>,
    is_dirty: bool,
}

impl Outbox {
    pub(super) fn push(&mut self, message: Message) {
        self.queue.push_back(message);
    }

    /// Queues JSON.
    pub(super) fn push_text(&mut self, bytes: Vec<u8>) {
        // JSON is always UTF-8; what were not would say nothing.
        let text = Utf8Bytes::try_from(bytes).unwrap_or(Utf8Bytes::from_static("null"));
        self.push(Message::Text(text));
    }

    /// Notes that the protocol has something of its own to write.
    pub(super) const fn touch(&mut self) {
        self.is_dirty = true;
    }

    /// Whether more may be made.
    pub(super) fn has_room(&self) -> bool {
        self.queue.len() < ROOM
    }

    /// Writes all there is. Cancel safe: what was not written stays.
    pub(super) fn poll_flush<S>(
        &mut self,
        mut socket: Pin<&mut WebSocketStream<S>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while !self.queue.is_empty() {
            ready!(socket.as_mut().poll_ready(cx))?;
            if let Some(message) = self.queue.pop_front() {
                self.is_dirty = true;
                socket.as_mut().start_send(message)?;
            }
        }
        if self.is_dirty {
            ready!(socket.poll_flush(cx))?;
            self.is_dirty = false;
        }
        Poll::Ready(Ok(()))
    }
}
