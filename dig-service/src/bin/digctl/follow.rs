//! Events and logs: what was, and what comes.

use std::path::Path;

use dig_service::dashboard::{EventRecord, LogRecord, Pushed, Subscription};
use serde_json::{Map, Value, json};

use crate::outcome::Failure;
use crate::run::{Output, connect};
use crate::table;

/// Prints events: those after `since`, or the latest; with `follow`, all that come.
pub(crate) async fn events(
    socket: &Path,
    output: Output,
    (follow, since): (bool, Option<u64>),
) -> Result<(), Failure> {
    let state = connect(socket).await?.state().await?;
    let last = state.state_generation;
    let first = state
        .recent_events
        .first()
        .map_or(0, |event| event.sequence);
    let after = since.unwrap_or_else(|| first.saturating_sub(1));
    if !follow && after >= last {
        return Ok(());
    }
    let mut events = connect(socket).await?.events(Some(after)).await?;
    while let Some(pushed) = events.next().await? {
        match pushed {
            Pushed::Event(event) => {
                output.print(&event, |colours| line(&event, colours))?;
                if !follow && event.sequence >= last {
                    return Ok(());
                }
            }
            Pushed::Lagged(dropped) => lagged(output, dropped)?,
            _ => {}
        }
    }
    Ok(())
}

/// Prints the latest lines of the log; with `follow`, all that come.
pub(crate) async fn logs(socket: &Path, output: Output, follow: bool) -> Result<(), Failure> {
    // Subscribed first, so that no line falls between the two.
    let mut live: Option<Subscription> = None;
    if follow {
        live = Some(connect(socket).await?.logs().await?);
    }
    let state = connect(socket).await?.state().await?;
    for log in &state.recent_logs {
        output.print(log, |colours| log_line(log, colours))?;
    }
    let Some(mut live) = live else { return Ok(()) };
    let last = state.recent_logs.last().and_then(|log| log.sequence);
    while let Some(pushed) = live.next().await? {
        match pushed {
            Pushed::Log(log) if log.sequence > last => {
                output.print(&log, |colours| log_line(&log, colours))?;
            }
            Pushed::Lagged(dropped) => lagged(output, dropped)?,
            _ => {}
        }
    }
    Ok(())
}

fn lagged(output: Output, dropped: u64) -> Result<(), Failure> {
    output.print(&json!({ "lagged": dropped }), |_| {
        format!("... {dropped} were lost")
    })
}

/// An event as a line.
pub(crate) fn line(event: &EventRecord, colours: bool) -> String {
    let kind = table::painted(&event.event_type, event.severity.label(), colours);
    let path = &event.target_path;
    let (number, payload) = (event.sequence, fields(&event.payload));
    let at = table::clock(event.occurred_at_unix_nanos);
    format!("{number:>6} {at} {kind:<20} {path} {payload}")
}

fn log_line(log: &LogRecord, colours: bool) -> String {
    let severity = table::painted(log.severity.label(), log.severity.label(), colours);
    let at = table::clock(log.occurred_at_unix_nanos);
    format!("{at} {severity:<7} {} {}", log.message, fields(&log.fields))
}

fn fields(fields: &Map<String, Value>) -> String {
    let shown = fields.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}
