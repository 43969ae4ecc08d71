//! Calling the hooks: each inside a panic guard, and within its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::control::Control;
use crate::error::{BoxFuture, Guarded, Panicked};
use crate::event::EventKind;
use crate::lifecycle::{Deadlines, Step, StepEnd, StopClock};
use crate::service::attachment::Limit;
use crate::service::waiting::{begin_stop, telling};

/// How a hook came to its end.
enum HookEnd {
    Returned(anyhow::Result<()>),
    Panicked(Panicked),
    /// Its future was dropped, because a stop was requested.
    Cancelled,
    /// Its future was dropped at its deadline.
    TimedOut(Duration),
}

/// One call of a hook.
pub(super) struct HookCall<'a> {
    control: &'a Arc<Control>,
    step: Step,
    began: Instant,
    future: Guarded<'a, anyhow::Result<()>>,
}

impl<'a> HookCall<'a> {
    pub(super) fn new(
        control: &'a Arc<Control>,
        step: Step,
        make: impl FnOnce() -> BoxFuture<'a, anyhow::Result<()>>,
    ) -> Self {
        let hook = step.label();
        control.journal.record(EventKind::HookBegan { hook });
        Self {
            control,
            step,
            began: Instant::now(),
            future: Guarded::new(make),
        }
    }

    /// Calls a start hook, raced against the token (I9) and, if there is one, the start deadline.
    ///
    /// Sets the clock of the stop if that comes in between: the hook's grace is part of the total.
    pub(super) async fn start(
        mut self,
        deadlines: Deadlines,
        clock: &mut Option<StopClock>,
    ) -> StepEnd {
        let limit = deadlines.start;
        let deadline = limit.and_then(|limit| self.began.checked_add(limit));
        let passed = Limit::standing(self.control, deadline);
        // The hook first: what it returned counts, even if the stop came in the same moment.
        let raced = tokio::select! {
            biased;
            result = &mut self.future => Some(returned(result)),
            () = self.control.shutdown.cancelled() => None,
            () = passed.reached() => Some(HookEnd::TimedOut(self.began.elapsed())),
        };
        let end = match raced {
            Some(end) => end,
            None => {
                let clock = clock.insert(begin_stop(self.control, deadlines));
                self.wind_up(clock.start_hook_deadline()).await
            }
        };
        self.finish(end)
    }

    /// Calls a stop hook, which has until the deadline.
    pub(super) async fn stop(mut self, deadline: Option<Instant>) -> StepEnd {
        let limit = Limit::standing(self.control, deadline);
        let (control, name) = (self.control, self.step.label());
        let hook = async {
            tokio::select! {
                biased;
                result = &mut self.future => returned(result),
                () = limit.reached() => HookEnd::TimedOut(self.began.elapsed()),
            }
        };
        let end = telling(control, || format!("hook `{name}`"), hook).await;
        self.finish(end)
    }

    /// Gives a start hook its grace after the stop was requested.
    async fn wind_up(&mut self, deadline: Option<Instant>) -> HookEnd {
        let limit = Limit::new(self.control, deadline);
        let (control, name) = (self.control, self.step.label());
        let hook = async {
            tokio::select! {
                biased;
                result = &mut self.future => returned(result),
                () = limit.reached() => HookEnd::Cancelled,
            }
        };
        telling(control, || format!("hook `{name}`"), hook).await
    }

    fn finish(self, end: HookEnd) -> StepEnd {
        let (control, step, took) = (self.control, self.step, self.began.elapsed());
        if let Some(panic) = self.future.dismiss() {
            tracing::error!(
                hook = step.label(),
                panic = panic.message(),
                "destructor panicked"
            );
        }
        let label = match &end {
            HookEnd::Returned(Ok(())) => "ok",
            HookEnd::Returned(Err(_)) => "failed",
            HookEnd::Panicked(_) => "panicked",
            HookEnd::Cancelled => "cancelled",
            HookEnd::TimedOut(_) => "timed_out",
        };
        tracing::debug!(hook = step.label(), end = label, ?took, "hook ended");
        control.journal.record(EventKind::HookEnded {
            hook: step.label(),
            end: label,
            took,
        });
        judge(step, end, control)
    }
}

fn returned(result: Result<anyhow::Result<()>, Panicked>) -> HookEnd {
    match result {
        Ok(result) => HookEnd::Returned(result),
        Err(panic) => HookEnd::Panicked(panic),
    }
}

/// What the end of a hook means for the plan.
fn judge(step: Step, end: HookEnd, control: &Control) -> StepEnd {
    let error = match end {
        HookEnd::Returned(Ok(())) => return StepEnd::Ok,
        HookEnd::Cancelled => return StepEnd::Cancelled(None),
        HookEnd::Returned(Err(error)) => error,
        HookEnd::Panicked(panic) => anyhow::Error::new(panic),
        HookEnd::TimedOut(limit) => anyhow::anyhow!(
            "`{}` did not return within {limit:?}; its future was dropped",
            step.label()
        ),
    };
    let error = Arc::new(error);
    let is_start = matches!(
        step,
        Step::Attach | Step::PreStart | Step::Open | Step::Boot | Step::OnStart
    );
    if is_start && control.shutdown.is_cancelled() {
        // Whatever went wrong then is a consequence of the stop, and goes into the report.
        StepEnd::Cancelled(Some(error))
    } else {
        StepEnd::Failed(error)
    }
}
