//! One attempt: the future that runs as a task, and tells the loop of its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tracing::Span;

use crate::error::{Finished, Guarded, Panicked, guard, shown};
use crate::supervisor::engine::Life;
use crate::supervisor::inbox::{Inbox, Signal};
use crate::supervisor::spec::Work;
use crate::supervisor::{ChildContext, ChildExit};

/// Tells the loop how an attempt ended, on every way out.
struct Report {
    inbox: Inbox,
    life: Life,
    is_told: bool,
}

impl Report {
    const fn new(inbox: Inbox, life: Life) -> Self {
        Self {
            inbox,
            life,
            is_told: false,
        }
    }

    fn tell(mut self, exit: ChildExit) {
        self.is_told = true;
        self.inbox.send(Signal::Exited(self.life, exit));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.is_told {
            // Aborted, or dropped with its runtime.
            let exit = ChildExit::Cancelled;
            self.inbox.send(Signal::Exited(self.life, exit));
        }
    }
}

/// The future of an attempt.
///
/// Dropped, its parts go in this order, the report last: who hears of the end knows that the work's
/// future is dropped (I35). Small, as there may be many that only wait.
pub(super) struct Attempt {
    state: State,
    work: Option<Work>,
    report: Option<Report>,
    /// Seldom there where there are many.
    span: Option<Box<Span>>,
}

enum State {
    /// Not polled yet. The closure is called in here, as what it does is the attempt's own.
    New(Box<ChildContext>),
    Running(Guarded<'static, anyhow::Result<()>>),
    Over,
}

impl Attempt {
    pub(super) fn new(work: Work, cx: ChildContext, span: Span) -> Self {
        let report = Report::new(cx.inbox.clone(), cx.life());
        Self {
            state: State::New(Box::new(cx)),
            work: Some(work),
            report: Some(report),
            span: (!span.is_disabled()).then(|| Box::new(span)),
        }
    }
}

impl Future for Attempt {
    type Output = anyhow::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let _entered = this.span.as_ref().map(|span| span.enter());
        if let State::New(_) = this.state
            && let State::New(given) = std::mem::replace(&mut this.state, State::Over)
            && let Some(work) = &this.work
        {
            this.state = State::Running(Guarded::new(|| work(*given)));
        }
        let State::Running(running) = &mut this.state else {
            return Poll::Ready(Ok(()));
        };
        let Poll::Ready(result) = Pin::new(running).poll(cx) else {
            return Poll::Pending;
        };
        this.state = State::Over;
        let work = this.work.take();
        if let Some(report) = this.report.take() {
            finish(report, work, result);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let _entered = self.span.as_ref().map(|span| span.enter());
        self.state = State::Over;
        self.work = None;
        self.report = None;
    }
}

/// Tells how the work ended, after all of it is dropped.
fn finish(report: Report, work: Option<Work>, result: Result<anyhow::Result<()>, Panicked>) {
    // The closure may go with the last attempt of a child that was removed.
    let dropped = guard(|| drop(work));
    let exit = match (result, dropped) {
        (Err(panic), _) | (Ok(_), Err(panic)) => ChildExit::Panicked(panic.to_string().into()),
        (Ok(Ok(())), Ok(())) => ChildExit::Completed,
        (Ok(Err(error)), Ok(())) if error.is::<Finished>() => {
            report.inbox.send(Signal::Last(report.life));
            ChildExit::Completed
        }
        (Ok(Err(error)), Ok(())) => {
            let text: Arc<str> = shown(&error).into();
            match guard(|| drop(error)) {
                Ok(()) => ChildExit::Failed(text),
                Err(panic) => ChildExit::Panicked(panic.to_string().into()),
            }
        }
    };
    report.tell(exit);
}
