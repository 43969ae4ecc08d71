use super::*;

fn moment(seconds: u64, reason: Option<ShutdownReason>) -> Moment {
    let left = Duration::from_secs(seconds);
    Moment { reason, left }
}

fn entered(phase: Phase) -> EventKind {
    EventKind::PhaseEntered { phase }
}

fn progress(what: &str) -> EventKind {
    EventKind::Progress {
        what: what.to_owned(),
        extended: Duration::ZERO,
    }
}

/// Plays events at a moment; gives what is told of each.
fn told(teller: &mut Teller, moment: &Moment, events: &[EventKind]) -> Vec<String> {
    let told = events.iter().map(|event| teller.tell(event, moment));
    told.map(Option::unwrap_or_default).collect()
}

#[test]
fn way_up_is_told_and_progress_extends_until_it_is_over() {
    let events = [
        entered(Phase::PreStart),
        progress("read 5 %"),
        entered(Phase::Start),
        entered(Phase::Running),
        entered(Phase::Running),
        progress("block 7"),
        EventKind::HeartbeatStale { name: "sync" },
        EventKind::HeartbeatRecovered { name: "sync" },
    ];
    let expected = [
        "STATUS=starting: pre_start",
        "EXTEND_TIMEOUT_USEC=8000000\nSTATUS=read 5 %",
        "STATUS=starting: start",
        "READY=1\nSTATUS=running",
        "",
        "STATUS=block 7",
        "STATUS=heartbeat `sync` is stale",
        "STATUS=heartbeat `sync` is back, running",
    ];

    let told = told(&mut Teller::new(), &moment(7, None), &events);

    assert_eq!(told, expected);
}

#[test]
fn stop_is_told_when_it_begins_and_not_when_it_is_asked_for() {
    let reason = ShutdownReason::UserRequested;
    let awaited = "hook `on_stop`".to_owned();
    let events = [
        entered(Phase::Running),
        EventKind::ShutdownRequested {
            reason: reason.clone(),
        },
        entered(Phase::Draining),
        EventKind::StillWaiting { awaited },
        EventKind::ShutdownHurried,
        progress("flushed\n40 %"),
        entered(Phase::PostStop),
    ];
    let expected = [
        "READY=1\nSTATUS=running",
        "",
        "STOPPING=1\nSTATUS=stopping: draining, requested by the user",
        "STATUS=still waiting for hook `on_stop`",
        "STATUS=stopping in a hurry",
        "EXTEND_TIMEOUT_USEC=8000000\nSTATUS=flushed 40 %",
        "STATUS=stopping: post_stop, requested by the user",
    ];

    let told = told(&mut Teller::new(), &moment(7, Some(reason)), &events);

    assert_eq!(told, expected);
}

#[test]
fn who_missed_the_way_down_still_says_that_it_stops() {
    let mut teller = Teller::new();

    let told = teller.enter(Phase::OnStop, &moment(1, None));

    assert_eq!(
        told.as_deref(),
        Some("STOPPING=1\nSTATUS=stopping: on_stop")
    );
}

#[test]
fn failed_start_is_never_ready() {
    let mut teller = Teller::new();
    let phases = [
        Phase::PreStart,
        Phase::Start,
        Phase::Joining,
        Phase::PostStop,
    ];
    let told = phases.map(|phase| teller.enter(phase, &moment(1, None)).unwrap());

    assert!(told.iter().all(|text| !text.contains("READY")), "{told:?}");
    assert!(told[2].starts_with("STOPPING=1\n"), "{told:?}");
}

#[test]
fn long_status_is_cut() {
    assert_eq!(status(&"x".repeat(5000)).len(), "STATUS=".len() + LONGEST);
}
