//! Tables for people.

use std::fmt::Write;

use dig_service::dashboard::{DashboardState, TaskCounters, TaskRow, UnixNanos};

/// Colours a text by the state or the severity that it stands for.
pub(crate) fn painted(text: &str, state: &str, colours: bool) -> String {
    let code = match state {
        "running" | "healthy" | "ready" | "info" => 32,
        "backing_off" | "starting" | "stopping" | "pending" | "paused" | "warning" | "stale" => 33,
        "failed" | "quarantined" | "unhealthy" | "error" => 31,
        _ => 0,
    };
    match colours && code != 0 {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// The time of day, in UTC.
pub(crate) fn clock(at: UnixNanos) -> String {
    let seconds = at.0 / 1_000_000_000;
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    let millis = at.0 / 1_000_000 % 1000;
    format!("{hours:02}:{minutes:02}:{:02}.{millis:03}Z", seconds % 60)
}

/// A span of time, as people say it.
pub(crate) fn span(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h {}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Columns as wide as they have to be; the last is not padded. Widths do not count colours, which
/// are put on afterwards by `paint`.
fn columns(rows: &[Vec<String>], paint: impl Fn(usize, &str, String) -> String) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..count).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = if column + 1 == count {
                0
            } else {
                widths[column]
            };
            let padded = format!("{cell:<width$}");
            text += &paint(column, cell, padded);
            if column + 1 < count {
                text += "  ";
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// How the service and its children stand.
pub(crate) fn status(state: &DashboardState, colours: bool) -> String {
    let (service, target) = (&state.service, &state.target);
    let mut text = format!(
        "{} ({}): {}, up {}, pid {}, framework {}\n",
        target.target_id,
        target.display_name,
        painted(&service.phase, &service.phase, colours),
        span(service.uptime_millis),
        service.pid,
        service.version
    );
    if let Some(reason) = &service.exit_reason {
        text += &format!("stopping: {reason}\n");
    }
    let heads = [
        "CHILD",
        "STATE",
        "HEALTH",
        "GEN",
        "STARTS",
        "RESTARTS",
        "LAST FAILURE",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for child in &state.runtime_state {
        let failure = child.last_failure.as_deref().unwrap_or("-");
        rows.push(vec![
            child.child_path.to_string(),
            child.lifecycle_state.clone(),
            child.health.to_string(),
            child.generation.to_string(),
            child.child_start_count.to_string(),
            child.restart_count.to_string(),
            failure.lines().next().unwrap_or("-").to_owned(),
        ]);
    }
    if rows.len() > 1 {
        text += &columns(&rows, |column, cell, padded| match column {
            1 | 2 => painted(&padded, cell, colours),
            _ => padded,
        });
    }
    for provider in &state.providers {
        let state = painted(&provider.state, &provider.state, colours);
        // A `String` takes all that is written.
        let _ = write!(text, "provider {}: {state}", provider.name);
        let _ = match &provider.error {
            Some(error) => writeln!(text, " ({error})"),
            None => writeln!(text),
        };
    }
    text + &counts(state.tasks)
}

fn counts(tasks: TaskCounters) -> String {
    format!(
        "tasks: {} live, {} spawned, {} completed, {} failed, {} panicked, {} aborted\n",
        tasks.live, tasks.spawned, tasks.completed, tasks.failed, tasks.panicked, tasks.aborted
    )
}

/// The live tasks.
pub(crate) fn tasks(tasks: &[TaskRow], total: TaskCounters) -> String {
    let heads = ["ID", "TASK", "KIND", "SCOPE", "AGE", "FROM"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for task in tasks {
        let name = match &task.label {
            Some(label) => format!("{} ({label})", task.name),
            None => task.name.clone(),
        };
        rows.push(vec![
            task.id.to_string(),
            name,
            task.kind.clone(),
            task.scope.clone(),
            span(task.age_millis),
            task.spawned_from.clone(),
        ]);
    }
    columns(&rows, |_, _, padded| padded) + &counts(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["A", "B", "C"]),
            row(["long", "", "x"]),
            row(["s", "yy", ""]),
        ];
        let text = columns(&rows, |_, _, padded| padded);
        assert_eq!(text, "A     B   C\nlong      x\ns     yy\n");
    }

    #[test]
    fn spans_are_told_in_two_units_at_most() {
        let told = [0, 999, 59_999, 61_000, 3_660_000, 90_000_000].map(span);
        assert_eq!(told, ["0ms", "999ms", "59s", "1m 1s", "1h 1m", "1d 1h"]);
        assert_eq!(clock(UnixNanos(1_700_000_000_123_456_789)), "22:13:20.123Z");
    }

    #[test]
    fn colours_are_put_on_states_and_only_if_wanted() {
        assert_eq!(
            painted("failed ", "failed", true),
            "\u{1b}[31mfailed \u{1b}[0m"
        );
        assert_eq!(painted("failed", "failed", false), "failed");
    }
}
