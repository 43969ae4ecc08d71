//! What a failed program says on stderr.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use crate::control::{ExitReport, StepError, counted};
use crate::entry::Ending;
use crate::error::guard;
use crate::shutdown::ExitReason;

/// The text for stderr: the error with its whole chain, and whatever else went wrong. Empty when
/// all is well.
pub(super) fn text(ending: &Ending) -> String {
    let mut text = String::new();
    match ending {
        Ending::Done => {}
        Ending::Failed(error) => chain(&mut text, "error", error.as_ref().as_ref()),
        Ending::Ran(Err(failure), report) => {
            chain(&mut text, "error", failure);
            others(&mut text, report.as_deref(), failure.error());
        }
        Ending::Ran(Ok(status), report) => {
            let mut told = None;
            match &status.reason {
                ExitReason::RunError(error) => {
                    chain(&mut text, "error", error.as_ref().as_ref());
                    told = Some(error);
                }
                ExitReason::RequestedShutdown(reason) if reason.is_fatal() => {
                    let _ = writeln!(text, "error: {reason}");
                }
                ExitReason::RequestedShutdown(_) | ExitReason::RunCompleted => {}
            }
            others(&mut text, report.as_deref(), told);
        }
    }
    text
}

fn chain(text: &mut String, head: &str, error: &(dyn Error + 'static)) {
    // User code, which may panic while it is shown.
    match guard(|| written(head, error)) {
        Ok(chain) => text.push_str(&chain),
        Err(panic) => drop(writeln!(
            text,
            "{head}: an error that cannot be shown: {panic}"
        )),
    }
}

fn written(head: &str, error: &(dyn Error + 'static)) -> String {
    // Writing to a `String` cannot fail.
    let mut text = format!("{head}: {error}\n");
    for cause in anyhow::Chain::new(error).skip(1) {
        let _ = writeln!(text, "  caused by: {cause}");
    }
    text
}

/// Errors beside the one that was told already, and tasks that were late.
fn others(text: &mut String, report: Option<&ExitReport>, told: Option<&Arc<anyhow::Error>>) {
    let Some(report) = report else {
        return;
    };
    let is_told = |step: &&StepError| told.is_some_and(|told| Arc::ptr_eq(told, &step.error));
    for step in report.errors.iter().filter(|step| !is_told(step)) {
        chain(text, "also", step);
    }
    let lists = [
        ("aborted at the deadline", &report.late),
        ("stuck", &report.stuck),
    ];
    for (what, names) in lists.iter().filter(|(_, names)| !names.is_empty()) {
        let _ = writeln!(text, "tasks {what}: {}", counted(names));
    }
}

#[cfg(test)]
mod tests;
