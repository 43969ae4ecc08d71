//! One attempt: the future that runs as a task, and tells the loop of its end.

use std::sync::Arc;

use crate::error::{Finished, Guarded, guard, shown};
use crate::supervisor::engine::Life;
use crate::supervisor::inbox::{Inbox, Signal};
use crate::supervisor::spec::Work;
use crate::supervisor::{ChildContext, ChildExit};

/// Tells the loop how an attempt ended, on every way out.
pub(super) struct Report {
    inbox: Inbox,
    life: Life,
    is_told: bool,
}

impl Report {
    pub(super) const fn new(inbox: Inbox, life: Life) -> Self {
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

/// Runs the work of an attempt.
///
/// The report comes first among the parameters, so that it is dropped last: who hears of the end
/// knows that the work's future is dropped (I35).
pub(super) async fn attempt(report: Report, work: Work, cx: ChildContext) -> anyhow::Result<()> {
    let result = Guarded::new(|| work(cx)).await;
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
    Ok(())
}
