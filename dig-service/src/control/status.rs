//! Where a service stands, in words.

use std::fmt;

use crate::phase::Phase;
use crate::shutdown::ShutdownReason;
use crate::tasks::TaskSummary;

/// Where a service stands at one moment: its phase, why it stops, and who is alive.
///
/// Displays as several lines, for a log or a terminal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StatusReport {
    /// The service's name.
    pub service: &'static str,
    /// Its phase.
    pub phase: Phase,
    /// Why it stops, if it does.
    pub reason: Option<ShutdownReason>,
    /// What the driver waits for at the moment.
    pub awaited: Option<String>,
    /// All live tasks, the framework's own included.
    pub tasks: Vec<TaskSummary>,
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service `{}` in phase {}", self.service, self.phase)?;
        if let Some(reason) = &self.reason {
            write!(f, ", stopping ({reason})")?;
        }
        if let Some(awaited) = &self.awaited {
            write!(f, ", waiting for {awaited}")?;
        }
        write!(f, "; {} live task(s)", self.tasks.len())?;
        for task in &self.tasks {
            let age = task.spawned_at.elapsed();
            let label = task.label.as_deref().map(|label| format!(" ({label})"));
            let label = label.unwrap_or_default();
            let scope = if task.scope.is_empty() { "" } else { " in " };
            write!(
                f,
                "\n  task `{}`{label}: {}, {}{scope}{}, {age:.1?} old, from {}",
                task.name, task.kind, task.criticality, task.scope, task.spawned_from
            )?;
            if task.is_blocking {
                f.write_str(", on a blocking thread")?;
            }
        }
        Ok(())
    }
}
