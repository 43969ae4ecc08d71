//! The children as a table, for a person at a terminal.

use std::fmt::Write;
use std::io::Write as _;

use dig_service::supervisor::{ChildPhase, ChildStatus, TreeState};

/// Prints how all stand.
pub(crate) fn print(state: &TreeState, has_colours: bool) {
    // Nobody may be reading any more; that is no reason to stop.
    let _ = std::io::stdout().write_all(render(state, has_colours).as_bytes());
}

fn render(state: &TreeState, has_colours: bool) -> String {
    let mut text = format!(
        "{:<18} {:<12} {:>5} {:>8} {:>8}  {}\n",
        "child", "phase", "life", "restarts", "failures", "last end"
    );
    for child in &state.children {
        let phase = format!("{:<12}", child.phase.label());
        let phase = match has_colours {
            true => format!("\x1b[{}m{phase}\x1b[0m", colour(child.phase)),
            false => phase,
        };
        let life = format!("{}.{}", child.generation, child.attempt);
        let _ = writeln!(
            text,
            "{:<18} {phase} {life:>5} {:>8} {:>8}  {}",
            child.path,
            child.restarts(),
            child.failures,
            last_end(child)
        );
    }
    text.push('\n');
    text
}

fn last_end(child: &ChildStatus) -> String {
    let mut text = match &child.last_exit {
        Some(exit) => exit.to_string(),
        None => "-".to_owned(),
    };
    if child.is_stuck {
        text.push_str(" (stuck)");
    }
    if let Some(delay) = child.next_retry {
        let _ = write!(text, ", again in {} ms", delay.as_millis());
    }
    text
}

const fn colour(phase: ChildPhase) -> u8 {
    match phase {
        ChildPhase::Running => 32,
        ChildPhase::Failed | ChildPhase::Quarantined => 31,
        ChildPhase::BackingOff | ChildPhase::Stopping => 33,
        _ => 0,
    }
}
