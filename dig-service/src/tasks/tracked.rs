//! The future that is really spawned: the user's, and a guard that reports its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::error::{Answered, Panicked, guard};
use crate::tasks::TaskEnd;
use crate::tasks::core::Core;
use crate::tasks::table::SlotKey;

pin_project! {
    /// Polls the user's future inside a panic guard.
    pub(super) struct Tracked<F> {
        // INV-T2: fields are dropped in this order, the future before the guard.
        #[pin]
        future: F,
        guard: Guard,
    }

    impl<F> PinnedDrop for Tracked<F> {
        fn drop(this: Pin<&mut Self>) {
            // The future is dropped next, then the guard, which ends this.
            let guard = this.project().guard;
            guard.dropping = Some(Answered::enter());
            guard.was_panicking = std::thread::panicking();
        }
    }
}

impl<F> Tracked<F> {
    pub(super) const fn new(future: F, guard: Guard) -> Self {
        Self { future, guard }
    }
}

impl<F: Future<Output = anyhow::Result<()>>> Future for Tracked<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let _entered = this.guard.core.span.get().map(tracing::Span::enter);
        let future = this.future;
        // INV-T4: the end is set before `Ready`, so an abort that comes now changes nothing.
        this.guard.end = match guard(|| future.poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => TaskEnd::from(result),
            Err(panic) => TaskEnd::Panicked(panic),
        };
        Poll::Ready(())
    }
}

impl From<anyhow::Result<()>> for TaskEnd {
    fn from(result: anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Completed,
            Err(error) => Self::Failed(Arc::new(error)),
        }
    }
}

/// Takes the task out of the table when dropped (INV-T1).
pub(super) struct Guard {
    pub(super) core: Arc<Core>,
    key: SlotKey,
    pub(super) end: TaskEnd,
    /// Set while the task's future is dropped: its panics are ours to answer for.
    dropping: Option<Answered>,
    /// Whether the thread was unwinding before that, for reasons of its own.
    was_panicking: bool,
}

impl Guard {
    pub(super) const fn new(core: Arc<Core>, key: SlotKey) -> Self {
        Self {
            core,
            key,
            end: TaskEnd::Aborted,
            dropping: None,
            was_panicking: false,
        }
    }

    pub(super) const fn key(&self) -> SlotKey {
        self.key
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let end = std::mem::replace(&mut self.end, TaskEnd::Aborted);
        // Dropped while unwinding: the future's destructor panicked, as its polls are guarded.
        let has_panicked = std::thread::panicking() && !self.was_panicking;
        let end = if has_panicked && !matches!(end, TaskEnd::Panicked(_)) {
            TaskEnd::Panicked(Panicked::in_destructor())
        } else {
            end
        };
        self.core.release(self.key, end);
    }
}
