//! A future whose panics are errors.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::{Panicked, guard};

/// The shape of every async method that is called through a trait.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Polls and drops a boxed future inside a panic guard.
pub(crate) struct Guarded<'a, T> {
    future: Option<BoxFuture<'a, T>>,
    /// Boxed, as it is seldom there.
    panicked: Option<Box<Panicked>>,
}

impl<'a, T> Guarded<'a, T> {
    /// Makes the future; a panic while it is made counts as one of the future.
    pub(crate) fn new(make: impl FnOnce() -> BoxFuture<'a, T>) -> Self {
        match guard(make) {
            Ok(future) => Self {
                future: Some(future),
                panicked: None,
            },
            Err(panic) => Self {
                future: None,
                panicked: Some(Box::new(panic)),
            },
        }
    }

    /// Drops the future before it is done, and tells of a destructor that panicked.
    pub(crate) fn dismiss(mut self) -> Option<Panicked> {
        let future = self.future.take();
        guard(|| drop(future)).err()
    }
}

impl<T> Future for Guarded<'_, T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(panic) = self.panicked.take() {
            return Poll::Ready(Err(*panic));
        }
        let Some(mut future) = self.future.take() else {
            return Poll::Pending; // Polled again after it was done.
        };
        match guard(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => {
                self.future = Some(future);
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => Poll::Ready(guard(|| drop(future)).map(|()| value)),
            Err(panic) => {
                // The panic that came first is the one to tell of.
                let _ = guard(|| drop(future));
                Poll::Ready(Err(panic))
            }
        }
    }
}

impl<T> Drop for Guarded<'_, T> {
    fn drop(&mut self) {
        let future = self.future.take();
        if let Err(panic) = guard(|| drop(future)) {
            tracing::error!(panic = panic.message(), "destructor panicked");
        }
    }
}
