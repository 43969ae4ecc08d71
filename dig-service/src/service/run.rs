//! The step in which `run` runs: as a tracked task, up to its end.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::control::Control;
use crate::error::{Guarded, Panicked};
use crate::event::EventKind;
use crate::lifecycle::{NodeLifecycle, RunContext, StopClock, StopPart};
use crate::phase::Phase;
use crate::service::attachment::{Limit, destructor_share};
use crate::service::waiting::telling;
use crate::shutdown::ShutdownReason;
use crate::tasks::{DESTRUCTOR_GRACE, Gate, TaskKind};

/// How `run` came to its end.
pub(super) enum RunEnd {
    /// It returned before anyone asked it to.
    Unasked(anyhow::Result<()>),
    /// It returned after it was asked to.
    Asked(anyhow::Result<()>),
    /// It was aborted when its grace was over.
    Aborted,
}

type RunResult = Result<anyhow::Result<()>, Panicked>;

/// A `run` that runs.
pub(super) struct Running<'a> {
    control: &'a Arc<Control>,
    result: oneshot::Receiver<RunResult>,
}

impl<'a> Running<'a> {
    pub(super) fn spawn<N: NodeLifecycle>(node: &Arc<N>, control: &'a Arc<Control>) -> Self {
        let (sender, result) = oneshot::channel();
        let node = Arc::clone(node);
        let context = RunContext {
            shutdown: control.shutdown.clone(),
            tasks: control.tasks.clone(),
        };
        let run = async move {
            let result = Guarded::new(|| node.run(context)).await;
            // The node first: who has the result knows that the task holds it no more.
            drop(node);
            let _ = sender.send(result);
            Ok(())
        };
        control
            .run_tasks
            .spawn("run", TaskKind::BackgroundLoop, run);
        Self { control, result }
    }

    /// Waits for the end of `run`, asked or unasked, and sees the service out of `Running`.
    pub(super) async fn end(mut self, clock: impl FnOnce() -> StopClock) -> (RunEnd, StopClock) {
        let control = self.control;
        let unasked = tokio::select! {
            biased;
            result = &mut self.result => Some(result),
            () = control.stop_requested() => None,
        };
        let is_asked = control.is_stop_requested();
        let clock = clock();
        control.enter(Phase::Draining);
        control.tasks.narrow(Gate::Draining);
        if let Some(result) = unasked {
            let result = flatten(result);
            control.shutdown.cancel(ShutdownReason::RequestedByRun);
            control.note_shutdown();
            let end = if is_asked {
                RunEnd::Asked(result)
            } else {
                RunEnd::Unasked(result)
            };
            return (end, clock);
        }
        control.note_shutdown();
        let end = match self.drain(clock).await {
            Some(result) => RunEnd::Asked(result),
            None => self.wait(clock).await,
        };
        (end, clock)
    }

    /// Holds the token back for the drain delay; `run` may end meanwhile.
    async fn drain(&mut self, clock: StopClock) -> Option<anyhow::Result<()>> {
        let control = self.control;
        let limit = Limit::new(control, clock.deadline(StopPart::Drain));
        let delay = async {
            tokio::select! {
                biased;
                () = control.shutdown.cancelled() => None,
                result = &mut self.result => Some(flatten(result)),
                () = limit.reached() => None,
            }
        };
        let ended = telling(control, || "the drain delay".to_owned(), delay).await;
        // The reason was recorded with the request; this one counts only if there was none.
        control.shutdown.cancel(ShutdownReason::RequestedByRun);
        ended
    }

    /// Gives `run` its grace, then aborts it.
    async fn wait(mut self, clock: StopClock) -> RunEnd {
        let control = self.control;
        let limit = Limit::new(control, clock.deadline(StopPart::Run));
        let grace = async {
            tokio::select! {
                biased;
                result = &mut self.result => Some(flatten(result)),
                () = limit.reached() => None,
            }
        };
        if let Some(result) = telling(control, || "`run`".to_owned(), grace).await {
            return RunEnd::Asked(result);
        }
        tracing::warn!("`run` outlasted its grace; aborting it");
        control.journal.record(EventKind::TaskLate { name: "run" });
        control.run_tasks.narrow(Gate::Closed);
        control.run_tasks.abort_all();
        // Out of the tasks' share, of which the tasks keep most.
        let share = clock.deadline(StopPart::Tasks).map(destructor_share);
        let patience = Instant::now() + share.unwrap_or(DESTRUCTOR_GRACE);
        control.run_tasks.idle_by(Some(patience)).await;
        // I22: what it really did wins over the abort.
        match self.result.try_recv() {
            Ok(result) => RunEnd::Asked(flatten(Ok(result))),
            Err(_) => RunEnd::Aborted,
        }
    }
}

fn flatten(result: Result<RunResult, oneshot::error::RecvError>) -> anyhow::Result<()> {
    match result {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(anyhow::Error::new(panic)),
        Err(_) => Err(anyhow::anyhow!(
            "the task of `run` was dropped before it returned"
        )),
    }
}
