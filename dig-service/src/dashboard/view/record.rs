//! Events as records: one table of types, severities and payloads.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::dashboard::logs::Line;
use crate::dashboard::{EventRecord, LogRecord, Severity};
use crate::event::{ChildChange, ChildEvent, Event, EventKind, ProviderChange, ProviderEvent};

/// What a record says of an event.
struct Told {
    event_type: String,
    severity: Severity,
    path: Option<Arc<str>>,
    payload: Value,
}

/// Makes the record of an event.
pub(crate) fn event_record(target_id: &Arc<str>, event: &Event) -> EventRecord {
    let told = tell(&event.kind);
    let path = told.path.unwrap_or_else(|| "/".into());
    let child = path.rsplit('/').next().filter(|name| !name.is_empty());
    let correlation = event.correlation.as_deref().map(ToOwned::to_owned);
    EventRecord {
        target_id: Arc::clone(target_id),
        sequence: event.sequence,
        correlation_id: correlation.unwrap_or_else(|| format!("event-{}", event.sequence)),
        event_type: told.event_type,
        severity: told.severity,
        child_id: child.map(Arc::from),
        target_path: path,
        occurred_at_unix_nanos: event.at.into(),
        config_version: event.reloads.to_string(),
        payload: match told.payload {
            Value::Object(payload) => payload,
            _ => Map::new(),
        },
    }
}

/// Makes the record of a line of the log.
pub(crate) fn log_record(target_id: &Arc<str>, line: &Line) -> LogRecord {
    LogRecord {
        target_id: Arc::clone(target_id),
        sequence: Some(line.sequence),
        correlation_id: line.correlation.clone(),
        severity: line.severity,
        message: line.message.clone(),
        fields: line.fields.clone(),
        occurred_at_unix_nanos: line.at,
    }
}

fn plain(event_type: &str, severity: Severity, payload: Value) -> Told {
    Told {
        event_type: event_type.to_owned(),
        severity,
        path: None,
        payload,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn tell(kind: &EventKind) -> Told {
    use Severity::{Error, Info, Warning};
    let grave = |is_grave: bool| if is_grave { Error } else { Info };
    match kind {
        EventKind::PhaseEntered { phase } => {
            plain("PhaseEntered", Info, json!({ "phase": phase.label() }))
        }
        EventKind::HookBegan { hook } => plain("HookBegan", Info, json!({ "hook": hook })),
        EventKind::HookEnded { hook, end, took } => {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            let payload = json!({ "hook": hook, "end": end, "took_micros": micros });
            plain("HookEnded", grave(*end != "ok"), payload)
        }
        EventKind::ShutdownRequested { reason } => plain(
            "ShutdownRequested",
            grave(reason.is_fatal()),
            json!({ "reason": reason.to_string() }),
        ),
        EventKind::ShutdownRaised { reason } => plain(
            "ShutdownRaised",
            Error,
            json!({ "reason": reason.to_string() }),
        ),
        EventKind::ShutdownHurried => plain("ShutdownHurried", Warning, json!({})),
        EventKind::Signal { name } => plain("Signal", Info, json!({ "name": name })),
        EventKind::CommandTaken(_) | EventKind::ChildCommand(_) => tell_command(kind),
        EventKind::Child(child) => tell_child(child),
        EventKind::Provider(provider) => tell_provider(provider),
        EventKind::ReloadBegan => plain("ReloadBegan", Info, json!({})),
        EventKind::ReloadEnded { generation, error } => plain(
            "ReloadEnded",
            grave(error.is_some()),
            json!({ "generation": generation, "error": error }),
        ),
        EventKind::Ended { code } => plain("Ended", grave(*code != 0), json!({ "code": code })),
        EventKind::TransportBound { name, address } => {
            let payload = json!({ "transport": name, "address": address });
            plain("TransportBound", Info, payload)
        }
        other => tell_work(other),
    }
}

/// What tasks, heartbeats and waits are told as.
fn tell_work(kind: &EventKind) -> Told {
    use Severity::{Error, Info, Warning};
    match kind {
        EventKind::Progress { what, extended } => plain(
            "Progress",
            Info,
            json!({ "what": what, "extended_millis": millis(*extended) }),
        ),
        EventKind::StillWaiting { awaited } => {
            plain("StillWaiting", Warning, json!({ "awaited": awaited }))
        }
        EventKind::HeartbeatStale { name } => {
            plain("HeartbeatStale", Error, json!({ "heartbeat": name }))
        }
        EventKind::HeartbeatRecovered { name } => {
            plain("HeartbeatRecovered", Info, json!({ "heartbeat": name }))
        }
        EventKind::TaskEnded { name, id, end } => {
            let severity = match *end {
                "failed" | "panicked" => Error,
                _ => Info,
            };
            plain(
                "TaskEnded",
                severity,
                json!({ "task": name, "id": id, "end": end }),
            )
        }
        EventKind::Relay { state, why } => {
            let severity = match *state {
                "registered" => Info,
                "rejected" => Error,
                _ => Warning,
            };
            plain("Relay", severity, json!({ "state": state, "why": why }))
        }
        EventKind::TaskLate { name } => plain("TaskLate", Warning, json!({ "task": name })),
        EventKind::TaskStuck { name } => plain("TaskStuck", Error, json!({ "task": name })),
        other => unreachable!("{other:?} has a row of its own"),
    }
}

/// What commands are told as.
fn tell_command(kind: &EventKind) -> Told {
    use Severity::Info;
    match kind {
        EventKind::CommandTaken(command) => {
            let audit = command.audit.as_ref();
            let payload = json!({
                "command": command.command,
                "requested_by": audit.map(|audit| audit.requested_by()),
                "reason": audit.map(|audit| audit.reason()),
                "origin": audit.and_then(|audit| audit.origin()),
            });
            plain("CommandTaken", Info, payload)
        }
        EventKind::ChildCommand(command) => Told {
            event_type: "ChildCommand".to_owned(),
            severity: Info,
            path: Some(Arc::clone(&command.path)),
            payload: json!({
                "command": command.command,
                "requested_by": &*command.requested_by,
                "reason": &*command.reason,
                "origin": command.origin.as_deref(),
            }),
        },
        other => unreachable!("{other:?} is no command"),
    }
}

fn tell_provider(provider: &ProviderEvent) -> Told {
    let mut payload = json!({ "provider": provider.name });
    let severity = match &provider.change {
        ProviderChange::BootFailed { error } | ProviderChange::CloseFailed { error } => {
            payload["error"] = (&**error).into();
            Severity::Error
        }
        ProviderChange::Reloaded { outcome } => {
            payload["outcome"] = (*outcome).into();
            match *outcome {
                "failed" | "kept" => Severity::Error,
                _ => Severity::Info,
            }
        }
        _ => Severity::Info,
    };
    let what = format!("Provider{}", pascal(provider.change.label()));
    plain(&what, severity, payload)
}

fn tell_child(child: &ChildEvent) -> Told {
    let mut payload = json!({
        "generation": child.generation,
        "attempt": child.attempt,
        "phase": child.phase.label(),
    });
    let (mut put, mut severity) = (None, Severity::Info);
    match &child.change {
        ChildChange::Failed { error } => {
            (put, severity) = (Some(("error", Value::from(&**error))), Severity::Warning);
        }
        ChildChange::Panicked { message } => {
            (put, severity) = (Some(("message", Value::from(&**message))), Severity::Error);
        }
        ChildChange::BackingOff { delay } => {
            put = Some(("delay_millis", millis(*delay).into()));
        }
        ChildChange::Stopping { cause } => {
            put = Some(("cause", cause.label().into()));
        }
        ChildChange::GivenUp { cause } => {
            (put, severity) = (Some(("cause", Value::from(&**cause))), Severity::Error);
        }
        ChildChange::StartTimedOut | ChildChange::Hung | ChildChange::Aborted => {
            severity = Severity::Warning;
        }
        ChildChange::Stuck => severity = Severity::Error,
        _ => {}
    }
    if let Some((key, value)) = put {
        payload[key] = value;
    }
    Told {
        event_type: format!("Child{}", pascal(child.change.label())),
        severity,
        path: Some(Arc::clone(&child.path)),
        payload,
    }
}

/// `given_up` as `GivenUp`.
fn pascal(snake: &str) -> String {
    let words = snake.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
