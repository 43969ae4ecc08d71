//! Odd programs: held locks, slow starts, services inside `main`.

use std::time::{Duration, Instant};

use crate::child::fixture;

fn pause(millis: u64) {
    let until = Instant::now() + Duration::from_millis(millis);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}

/// `main` runs its service itself. A signal that comes while it prepares is passed on to the
/// service, and `main` is dropped all the same: the process hangs for ever, or dies unflushed.
#[test]
fn signal_before_main_starts_its_service_stops_that_service() {
    let mut process = fixture(&["start=inside", "main=slow"]);
    process.wait_for_line("main");
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!((exit.code, exit.signal), (Some(0), None), "{exit:?}");
    assert!(exit.stdout.contains(&"flushed".to_owned()), "{exit:?}");
}

/// I29. The report of the watchdog waits for stderr, which the stuck thread holds.
#[test]
fn i29_watchdog_ends_the_process_when_stderr_is_held() {
    let mut process = fixture(&["on_stop=block", "total=1000", "stderr=held"]);
    process.wait_for_line("run");
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(124), "{exit:?}");
}

/// I10. The thread of the signals logs before it acts: a subscriber that is stuck takes away
/// the third signal, and the first.
#[test]
fn i10_third_signal_ends_the_process_when_the_log_is_stuck() {
    let mut process = fixture(&["log=stuck"]);
    process.wait_for_line("run");
    pause(200);
    for _ in 0..3 {
        process.signal("INT");
        pause(260);
    }

    let exit = process.finish();

    assert_eq!(exit.code, Some(130), "{exit:?}");
}

/// I9, I29. The start hook's grace is not part of the total that the watchdog counts: each
/// step keeps to its time, and `post_stop` is cut off with 124.
#[test]
fn i29_watchdog_leaves_an_undo_that_keeps_to_its_time_alone() {
    let mut process = fixture(&["on_start=hang", "post_stop=sleep", "total=2000"]);
    process.wait_for_line("on_start");
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
}

/// I26, I27. The second that destructors of stuck tasks are given lies inside the tasks' share; here
/// it is counted from the abort, and `on_stop` is dropped before its own share is over.
#[test]
fn i26_stuck_task_takes_no_time_from_on_stop() {
    let mut process = fixture(&["task=block", "on_stop=sleep", "total=4000"]);
    process.wait_for_line("task");
    process.wait_for_line("run");
    process.signal("TERM");

    let exit = process.finish();

    assert!(!exit.stderr.contains("on_stop failed"), "{exit:?}");
    assert!(exit.stderr.contains("tasks stuck: odd"), "{exit:?}");
}

/// I26. The same for a `run` that never yields.
#[test]
fn i26_stuck_run_takes_no_time_from_on_stop() {
    let mut process = fixture(&["run=block", "on_stop=nap", "total=1500"]);
    process.wait_for_line("run");
    process.signal("TERM");

    let exit = process.finish();

    assert!(!exit.stderr.contains("on_stop failed"), "{exit:?}");
    assert!(exit.stderr.contains("tasks stuck: run"), "{exit:?}");
}
