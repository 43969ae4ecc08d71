//! What a failed program says on stderr.

use std::error::Error;
use std::fmt::Write;

use crate::control::ExitReport;
use crate::entry::Ending;
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
            others(&mut text, report.as_deref());
        }
        Ending::Ran(Ok(status), report) => {
            match &status.reason {
                ExitReason::RunError(error) => chain(&mut text, "error", error.as_ref().as_ref()),
                ExitReason::RequestedShutdown(reason) if reason.is_fatal() => {
                    let _ = writeln!(text, "error: {reason}");
                }
                ExitReason::RequestedShutdown(_) | ExitReason::RunCompleted => {}
            }
            others(&mut text, report.as_deref());
        }
    }
    text
}

fn chain(text: &mut String, head: &str, error: &(dyn Error + 'static)) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{head}: {error}");
    for cause in anyhow::Chain::new(error).skip(1) {
        let _ = writeln!(text, "  caused by: {cause}");
    }
}

/// Errors beside the one that was returned, and tasks that were late.
fn others(text: &mut String, report: Option<&ExitReport>) {
    let Some(report) = report else {
        return;
    };
    for step in report.errors.iter().skip(usize::from(!text.is_empty())) {
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

/// The names in their first order, each once: `peer x3, sync`.
fn counted(names: &[&str]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_once_with_their_count() {
        assert_eq!(counted(&["peer", "sync", "peer", "peer"]), "peer x3, sync");
    }
}
