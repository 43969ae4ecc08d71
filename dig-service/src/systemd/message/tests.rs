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

#[test]
fn reload_is_told_and_ready_only_after_success() {
    let mut teller = Teller::new();
    let moment = Moment {
        reason: None,
        left: Duration::ZERO,
    };
    teller.enter(Phase::Running, &moment);

    let began = teller.tell(&EventKind::ReloadBegan, &moment).unwrap();
    let failed = EventKind::ReloadEnded {
        generation: 1,
        error: Some("bad\nfile".to_owned()),
    };
    let failed = teller.tell(&failed, &moment).unwrap();
    let done = EventKind::ReloadEnded {
        generation: 2,
        error: None,
    };
    let done = teller.tell(&done, &moment).unwrap();

    let mut lines = began.lines();
    assert_eq!(lines.next(), Some("RELOADING=1"));
    let micros = lines
        .next()
        .and_then(|line| line.strip_prefix("MONOTONIC_USEC="))
        .unwrap();
    assert!(micros.parse::<u64>().unwrap() > 0);
    assert_eq!(failed, "STATUS=reload failed: bad file");
    assert_eq!(done, "READY=1\nSTATUS=running, generation 2");
}
