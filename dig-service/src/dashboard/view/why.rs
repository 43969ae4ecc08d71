//! Why a service is stopping, what it waits for, and how long is left, in one line.

use std::time::Duration;

use crate::control::StatusReport;
use crate::dashboard::{DashboardView, IpcResult};
use crate::phase::Phase;
use crate::tasks::TaskSummary;

/// Tasks that are there because the service is, and not because something holds it up.
const OWN: [&str; 2] = ["dashboard", "transports"];

impl DashboardView {
    /// Why the service is stopping; if it is not, what it is doing.
    pub(crate) fn why(&self, target_id: &str) -> IpcResult {
        let status = self.service.status();
        let left = status.reason.as_ref().and(self.service.stop_left());
        IpcResult::Why {
            target_id: target_id.to_owned(),
            why: line(&status, left),
            phase: status.phase.label().to_owned(),
            reason: status.reason.as_ref().map(ToString::to_string),
            awaited: status.awaited.clone(),
            left_millis: left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

fn line(status: &StatusReport, left: Option<Duration>) -> String {
    let mut line = match (&status.reason, status.phase) {
        (Some(reason), phase) => format!("stopping ({reason}), in phase {phase}"),
        (None, Phase::Stopped) => return "stopped".to_owned(),
        (None, Phase::Running) => return "running; nobody has asked it to stop".to_owned(),
        (None, phase) if phase.is_stopping() => format!("stopping, in phase {phase}"),
        (None, phase) => format!("starting, in phase {phase}"),
    };
    if let Some(awaited) = &status.awaited {
        line += &format!(", waiting for {awaited}");
    }
    let held = status.tasks.iter().filter(|task| is_awaited(task, status));
    let ages: Vec<_> = held.map(aged).collect();
    if !ages.is_empty() {
        line += &format!(" [{}]", ages.join(", "));
    }
    if let Some(left) = left {
        line += &format!("; {:.1} s left", left.as_secs_f64());
    }
    line
}

/// Whether the stop waits for a task: one of the program's, in a phase that joins them.
fn is_awaited(task: &TaskSummary, status: &StatusReport) -> bool {
    let is_joined = matches!(status.phase, Phase::Draining | Phase::Joining);
    is_joined && task.name != "supervisor" && !OWN.iter().any(|own| task.scope.starts_with(own))
}

fn aged(task: &TaskSummary) -> String {
    let name = task.label.as_deref().unwrap_or(task.name);
    format!(
        "{name}: {:.1} s old",
        task.spawned_at.elapsed().as_secs_f64()
    )
}
