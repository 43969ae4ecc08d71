//! A TCP stream that gives up on clients that do not read, and closes so that answers arrive.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use crate::sync::Lock;

/// How long the rest of a request that was answered early is read and thrown away.
const LINGER: Duration = Duration::from_secs(2);

/// What the drain waits for: an answer on its way to the client.
pub(super) type Unsent = Arc<Lock<Option<OwnedSemaphorePermit>>>;

type Timer = Option<Pin<Box<Sleep>>>;

pub(super) struct Socket {
    stream: TcpStream,
    write_timeout: Duration,
    /// Runs while the client takes nothing.
    stalled: Timer,
    /// Whether the client may still be sending what nobody will read.
    is_cut_short: Arc<AtomicBool>,
    /// Runs once our side is closed.
    lingering: Timer,
    unsent: Unsent,
    /// How many bytes have come.
    read: u64,
}

impl Socket {
    pub(super) const fn new(
        stream: TcpStream,
        write_timeout: Duration,
        is_cut_short: Arc<AtomicBool>,
        unsent: Unsent,
    ) -> Self {
        Self {
            stream,
            write_timeout,
            stalled: None,
            is_cut_short,
            lingering: None,
            unsent,
            read: 0,
        }
    }

    /// Says that the client may still be sending what nobody will read.
    #[cfg(feature = "ws")]
    pub(super) fn cut_short(&self) {
        // Release pairs with the Acquire in `poll_shutdown`.
        self.is_cut_short.store(true, Ordering::Release);
    }

    /// Returns how many bytes have come.
    #[cfg(feature = "ws")]
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Turns a write that has waited too long into an error.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        if is_over(&mut self.stalled, self.write_timeout, cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

fn is_over(timer: &mut Timer, after: Duration, cx: &mut Context<'_>) -> bool {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep(after)));
    timer.as_mut().poll(cx).is_ready()
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read += (buf.filled().len() - before) as u64;
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        // All that was answered so far is written, or this would not be asked for.
        drop(self.unsent.lock().take());
        Poll::Ready(Ok(()))
    }

    /// Closes our side. A socket closed with unread bytes is reset, and the reset may overtake the
    /// answer; so what the client still sends is thrown away until it has seen our end.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            // Acquire pairs with the Release in `Connection::leave`.
            if !this.is_cut_short.load(Ordering::Acquire) {
                return Poll::Ready(Ok(()));
            }
        }
        if is_over(&mut this.lingering, LINGER, cx) {
            return Poll::Ready(Ok(()));
        }
        let mut scratch = [0; 8 * 1024];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
