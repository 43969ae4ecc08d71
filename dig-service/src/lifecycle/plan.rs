//! Which step comes next, and what the outcome is: decisions without a clock or a task in them.
//!
//! A start step that succeeds pushes its closer on the unwind stack; going down pops it. A failure
//! and an ordinary stop take the same way.

use std::sync::Arc;
use std::time::Duration;

use crate::error::ServiceError;
use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason};

/// A step of a service's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// What is attached to the service is started: views that look at it from its first hook on.
    Attach,
    /// The hook `pre_start`.
    PreStart,
    /// The transports are bound.
    Open,
    /// The providers are booted, and validated.
    Boot,
    /// The hook `on_start`.
    OnStart,
    /// `run`, up to its end: asked, unasked, or aborted.
    Run,
    /// Calls and tasks are waited for, then aborted.
    Join,
    /// The hook `on_stop`.
    OnStop,
    /// The providers that booted are shut down.
    Providers,
    /// The hook `post_stop`.
    PostStop,
    /// The hook `cleanup`.
    Cleanup,
    /// The transports, and whatever else is attached, are closed.
    Close,
}

impl Step {
    /// The name used in reports, events and logs.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Attach => "attachments",
            Self::PreStart => "pre_start",
            Self::Open => "transports",
            Self::Boot => "boot",
            Self::OnStart => "on_start",
            Self::Run => "run",
            Self::Join => "tasks",
            Self::OnStop => "on_stop",
            Self::Providers => "providers",
            Self::PostStop => "post_stop",
            Self::Cleanup => "cleanup",
            Self::Close => "close",
        }
    }
}

/// How a step ended.
#[derive(Clone, Debug)]
pub(crate) enum StepEnd {
    /// It did what it should.
    Ok,
    /// It failed, panicked, or passed its deadline.
    Failed(Arc<anyhow::Error>),
    /// A stop came in between; a start hook's own error is kept for the report.
    Cancelled(Option<Arc<anyhow::Error>>),
}

/// What happened so far, and what is still to be undone.
#[derive(Debug)]
pub(crate) struct Ledger {
    ends: Vec<(Step, StepEnd)>,
    unwind: Vec<Step>,
    is_joined: bool,
    /// `run` returned `Ok` before anyone asked for a stop.
    is_completed: bool,
    /// Tasks that outlasted their deadline, and how long they had.
    pending: usize,
    granted: Duration,
}

impl Ledger {
    pub(crate) const fn new() -> Self {
        Self {
            ends: Vec::new(),
            unwind: Vec::new(),
            is_joined: false,
            is_completed: false,
            pending: 0,
            granted: Duration::ZERO,
        }
    }

    /// Writes down how a step ended. A start step that succeeded is to be undone (I2).
    pub(crate) fn record(&mut self, step: Step, end: StepEnd) {
        if let (StepEnd::Ok, Some(undo)) = (&end, undo_of(step)) {
            self.unwind.push(undo);
        }
        self.ends.push((step, end));
    }

    /// Writes down that `run` returned `Ok` before anyone asked for a stop.
    pub(crate) const fn record_completed(&mut self) {
        self.is_completed = true;
    }

    /// Writes down tasks that were alive at their deadline, `granted` after the stop began.
    pub(crate) const fn record_late(&mut self, pending: usize, granted: Duration) {
        if pending > 0 {
            self.pending += pending;
            self.granted = granted;
        }
    }

    /// Every error, in order.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (Step, &Arc<anyhow::Error>)> {
        self.ends.iter().filter_map(|(step, end)| match end {
            StepEnd::Failed(error) | StepEnd::Cancelled(Some(error)) => Some((*step, error)),
            StepEnd::Ok | StepEnd::Cancelled(None) => None,
        })
    }

    /// Why the service ends, as far as that is known; `gravest` is the token's reason.
    pub(crate) fn exit_reason(&self, gravest: Option<ShutdownReason>) -> ExitReason {
        let failed_up = [
            Step::Attach,
            Step::PreStart,
            Step::Open,
            Step::Boot,
            Step::OnStart,
            Step::Run,
        ];
        if let Some(error) = failed_up.into_iter().find_map(|step| self.failure(step)) {
            return ExitReason::RunError(Arc::clone(error));
        }
        match gravest {
            Some(reason) if !self.is_completed || reason.is_fatal() => {
                ExitReason::RequestedShutdown(reason)
            }
            _ => ExitReason::RunCompleted,
        }
    }

    fn failure(&self, step: Step) -> Option<&Arc<anyhow::Error>> {
        self.ends.iter().find_map(|(at, end)| match end {
            StepEnd::Failed(error) if *at == step => Some(error),
            _ => None,
        })
    }

    fn is_going_up(&self) -> bool {
        !self.is_joined && self.ends.iter().all(|(_, end)| matches!(end, StepEnd::Ok))
    }
}

/// Decides the next step; `None` when all is over.
pub(crate) fn next_step(ledger: &mut Ledger, is_stop_requested: bool) -> Option<Step> {
    if ledger.is_going_up() && !is_stop_requested {
        let up = match ledger.ends.last() {
            None => Some(Step::Attach),
            Some((Step::Attach, _)) => Some(Step::PreStart),
            Some((Step::PreStart, _)) => Some(Step::Open),
            Some((Step::Open, _)) => Some(Step::Boot),
            Some((Step::Boot, _)) => Some(Step::OnStart),
            Some((Step::OnStart, _)) => Some(Step::Run),
            Some(_) => None,
        };
        match up {
            // On every path from here on, last of all: what is attached is closed (I51).
            Some(Step::Attach) => ledger.unwind.push(Step::Close),
            // On every path on which a hook ran (I3).
            Some(Step::PreStart) => ledger.unwind.push(Step::Cleanup),
            // Some may have booted, even if the boot fails (I45).
            Some(Step::Boot) => ledger.unwind.push(Step::Providers),
            _ => {}
        }
        if up.is_some() {
            return up;
        }
    }
    if !ledger.is_joined {
        ledger.is_joined = true;
        return Some(Step::Join);
    }
    ledger.unwind.pop()
}

/// Decides what `start` returns: run > on_stop > post_stop > deadline.
pub(crate) fn verdict(
    ledger: &Ledger,
    gravest: Option<ShutdownReason>,
) -> Result<ExitStatus, ServiceError> {
    type Wrap = fn(Arc<anyhow::Error>) -> ServiceError;
    let by_precedence: [(Step, Wrap); 10] = [
        (Step::Attach, ServiceError::PreStartFailed),
        (Step::PreStart, ServiceError::PreStartFailed),
        (Step::Open, ServiceError::OnStartFailed),
        (Step::Boot, ServiceError::OnStartFailed),
        (Step::OnStart, ServiceError::OnStartFailed),
        (Step::Run, ServiceError::RunFailed),
        (Step::OnStop, ServiceError::OnStopFailed),
        (Step::Providers, ServiceError::OnStopFailed),
        (Step::PostStop, ServiceError::OnStopFailed),
        (Step::Cleanup, ServiceError::OnStopFailed),
    ];
    for (step, wrap) in by_precedence {
        if let Some(error) = ledger.failure(step) {
            return Err(wrap(Arc::clone(error)));
        }
    }
    if ledger.pending > 0 {
        return Err(ServiceError::ShutdownDeadlineExceeded {
            deadline: ledger.granted,
            pending: ledger.pending,
        });
    }
    Ok(ExitStatus {
        reason: ledger.exit_reason(gravest),
    })
}

/// The step that undoes a start step.
const fn undo_of(step: Step) -> Option<Step> {
    match step {
        Step::PreStart => Some(Step::PostStop),
        Step::OnStart => Some(Step::OnStop),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
