use std::time::SystemTime;

use super::*;
use crate::event::{ChildCommandEvent, CommandEvent, ProviderEvent, StopCause};
use crate::phase::{ChildPhase, Phase};
use crate::shutdown::ShutdownReason;

fn child(change: ChildChange) -> EventKind {
    EventKind::Child(ChildEvent {
        path: "/group/feed".into(),
        generation: 2,
        attempt: 3,
        phase: ChildPhase::Running,
        change,
    })
}

fn children() -> Vec<EventKind> {
    let text = || "text".into();
    let second = Duration::from_secs(1);
    let changes = [
        ChildChange::Added,
        ChildChange::Queued,
        ChildChange::Started,
        ChildChange::Restarted,
        ChildChange::Ready,
        ChildChange::Completed,
        ChildChange::Failed { error: text() },
        ChildChange::Panicked { message: text() },
        ChildChange::StartTimedOut,
        ChildChange::Hung,
        ChildChange::BackingOff { delay: second },
        ChildChange::Stopping {
            cause: StopCause::Group,
        },
        ChildChange::Aborted,
        ChildChange::Stuck,
        ChildChange::Stopped,
        ChildChange::Paused,
        ChildChange::Quarantined,
        ChildChange::Resumed,
        ChildChange::GivenUp { cause: text() },
        ChildChange::Removed,
        ChildChange::Stale,
    ];
    changes.map(child).into()
}

fn providers() -> Vec<EventKind> {
    let error = || "text".into();
    let changes = [
        ProviderChange::Booting,
        ProviderChange::Ready,
        ProviderChange::BootFailed { error: error() },
        ProviderChange::Reloaded { outcome: "kept" },
        ProviderChange::Closing,
        ProviderChange::Closed,
        ProviderChange::CloseFailed { error: error() },
    ];
    let event = |change| {
        EventKind::Provider(ProviderEvent {
            name: "store",
            change,
        })
    };
    changes.map(event).into()
}

#[expect(clippy::too_many_lines, reason = "there are many events")]
fn all() -> Vec<EventKind> {
    let reason = ShutdownReason::UserRequested;
    let (name, took) = ("x", Duration::from_micros(7));
    let mut all = vec![
        EventKind::PhaseEntered {
            phase: Phase::Running,
        },
        EventKind::HookBegan { hook: name },
        EventKind::HookEnded {
            hook: name,
            end: "failed",
            took,
        },
        EventKind::ShutdownRequested {
            reason: reason.clone(),
        },
        EventKind::ShutdownRaised { reason },
        EventKind::Signal { name },
        EventKind::CommandTaken(CommandEvent {
            command: "reload",
            audit: None,
        }),
        EventKind::ChildCommand(ChildCommandEvent {
            command: "pause",
            path: "/feed".into(),
            requested_by: "alice".into(),
            reason: "why".into(),
            origin: None,
        }),
        EventKind::ReloadBegan,
        EventKind::ReloadEnded {
            generation: 1,
            error: None,
        },
        EventKind::Progress {
            what: String::new(),
            extended: took,
        },
        EventKind::StillWaiting {
            awaited: String::new(),
        },
        EventKind::HeartbeatStale { name },
        EventKind::HeartbeatRecovered { name },
        EventKind::ShutdownHurried,
        EventKind::TaskEnded {
            name,
            id: 7,
            end: "panicked",
        },
        EventKind::TaskLate { name },
        EventKind::TaskStuck { name },
        EventKind::Ended { code: 0 },
        EventKind::Relay {
            state: "rejected",
            why: String::new(),
        },
        EventKind::TransportBound {
            name,
            address: String::new(),
        },
    ];
    all.extend(children());
    all.extend(providers());
    all
}

fn record(kind: EventKind) -> EventRecord {
    let event = Event {
        sequence: 7,
        at: SystemTime::now(),
        correlation: None,
        reloads: 2,
        kind,
    };
    event_record(&"t".into(), &event)
}

#[test]
fn every_event_is_in_the_table_of_the_docs_and_no_other() {
    let page = include_str!("../../../../../docs/dashboard.md");
    let table = page.split("| event | when | payload |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let rows = table.lines().filter_map(|line| line.split('|').nth(1));
    let mut listed: Vec<_> = rows
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(ToOwned::to_owned)
        .collect();
    let mut told: Vec<_> = all()
        .into_iter()
        .map(|kind| record(kind).event_type)
        .collect();
    listed.sort();
    told.sort();
    assert_eq!(listed, told);
}

#[test]
fn record_says_what_whom_and_how_grave() {
    let failed = record(child(ChildChange::Failed {
        error: "no disk".into(),
    }));
    assert_eq!(
        (&*failed.target_path, failed.child_id.as_deref()),
        ("/group/feed", Some("feed"))
    );
    assert_eq!(failed.severity, Severity::Warning);
    assert_eq!(failed.correlation_id, "event-7");
    assert_eq!(failed.config_version, "2");
    let payload = json!({ "generation": 2, "attempt": 3, "phase": "running", "error": "no disk" });
    assert_eq!(Value::Object(failed.payload), payload);
    let phase = record(EventKind::PhaseEntered {
        phase: Phase::OnStop,
    });
    assert_eq!((&*phase.target_path, phase.child_id), ("/", None));
    let grave = record(child(ChildChange::Stuck));
    assert_eq!(grave.severity, Severity::Error);
}
