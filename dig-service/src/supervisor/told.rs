//! What is logged of the children.

use crate::event::ChildChange;
use crate::supervisor::engine::Record;

/// Logs what happened to a child.
pub(super) fn log(path: &str, record: &Record, change: &ChildChange) {
    let (child, attempt, phase) = (path, record.attempt, record.phase.label());
    match change {
        ChildChange::Failed { error } => {
            tracing::warn!(child, attempt, phase, error = &**error, "child failed");
        }
        ChildChange::Panicked { message } => {
            tracing::error!(child, attempt, phase, panic = &**message, "child panicked");
        }
        ChildChange::StartTimedOut => {
            tracing::warn!(child, attempt, "child was not ready in time");
        }
        ChildChange::Hung => tracing::warn!(child, attempt, "child is hung"),
        ChildChange::BackingOff { delay } => {
            tracing::info!(child, attempt, ?delay, "restart delayed");
        }
        ChildChange::Aborted => {
            tracing::warn!(child, attempt, "child outlasted its stop budget; aborted");
        }
        ChildChange::Stuck => {
            tracing::error!(
                child,
                attempt,
                "child is stuck: it was aborted and does not end"
            );
        }
        ChildChange::GivenUp { cause } => {
            tracing::error!(child, attempt, cause = &**cause, "child given up");
        }
        ChildChange::Quarantined | ChildChange::Paused | ChildChange::Resumed => {
            tracing::info!(child, attempt, change = change.label(), "child");
        }
        _ => tracing::debug!(child, attempt, phase, change = change.label(), "child"),
    }
}
