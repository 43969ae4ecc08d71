//! What is left to read when a service is over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::error::guard;
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
    /// The exit code of the process, by the policy of `#[dig_main]`, or by
    /// [`ExitCodes::Simple`](crate::ExitCodes::Simple) without it.
    pub code: u8,
    /// How long each phase took, in order; phases that were not entered are left out.
    pub phases: Vec<(Phase, Duration)>,
    /// How often each supervised child was started again, by path; those that were removed count
    /// together, as `removed`.
    pub restarts: BTreeMap<String, u64>,
    /// Every error of the service's steps, in order; the one that was returned is among them.
    pub errors: Vec<StepError>,
    /// The names of the tasks, and the paths of the children, that outlasted their deadline and were
    /// aborted; `"rpc call"` for each call that was cut.
    pub late: Vec<Cow<'static, str>>,
    /// The names of those that do not yield and were left behind.
    pub stuck: Vec<Cow<'static, str>>,
}

impl ExitReport {
    /// Makes the report as JSON: `service`, `reason`, `code`, `phases` (milliseconds by name),
    /// `restarts` (by path), `late`, `stuck`, `errors` (`step`, and `causes` from the outermost in).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let phases = self.phases.iter().map(|(phase, took)| {
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            (phase.label().to_owned(), Value::from(millis))
        });
        let errors = self.errors.iter().map(|failed| {
            let causes = guard(|| failed.error.chain().map(ToString::to_string).collect());
            let causes: Vec<String> = causes.unwrap_or_else(|panic| vec![panic.to_string()]);
            json!({ "step": failed.step, "causes": causes })
        });
        let reason = guard(|| self.reason.to_string()).unwrap_or_else(|panic| panic.to_string());
        json!({
            "service": self.service,
            "reason": reason,
            "code": self.code,
            "phases": phases.collect::<Map<_, _>>(),
            "restarts": self.restarts,
            "late": self.late,
            "stuck": self.stuck,
            "errors": errors.collect::<Vec<_>>(),
        })
    }

    /// Writes the report to a file, as one line.
    pub(crate) fn write_to(&self, file: &Path) {
        if let Err(error) = std::fs::write(file, format!("{self}\n")) {
            tracing::warn!(%error, file = %file.display(), "exit report could not be written");
        }
    }
}

/// One line of JSON.
impl fmt::Display for ExitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
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
pub(crate) fn counted(names: &[impl AsRef<str>]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        let name = name.as_ref();
        match counts.iter_mut().find(|(known, _)| *known == name) {
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
