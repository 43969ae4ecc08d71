//! What is left to read when a service is over.

use std::sync::Arc;
use std::time::Duration;

use crate::phase::Phase;
use crate::shutdown::ExitReason;

/// How a service ended: the reason, where the time went, what failed, what was late.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExitReport {
    /// The service's name.
    pub service: &'static str,
    /// Why it ended.
    pub reason: ExitReason,
    /// How long each phase took, in order; phases that were not entered are left out.
    pub phases: Vec<(Phase, Duration)>,
    /// Every error of the service's steps, in order; the one that was returned is among them.
    pub errors: Vec<StepError>,
    /// The names of the tasks that outlasted their deadline and were aborted; `"rpc call"` for
    /// each call that was cut.
    pub late: Vec<&'static str>,
    /// The names of those that do not yield and were left behind.
    pub stuck: Vec<&'static str>,
}

/// An error of one step.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{step}")]
#[non_exhaustive]
pub struct StepError {
    /// The step: a hook's name, or that of a transport.
    pub step: &'static str,
    /// What went wrong.
    #[source]
    pub error: Arc<anyhow::Error>,
}

/// The names in their first order, each once: `peer x3, sync`.
pub(crate) fn counted(names: &[&str]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let shown = counts.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} x{count}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}
