//! Start, stop and exit codes of a real process.

use std::time::{Duration, Instant};

use crate::child::{Process, fixture};

/// More than the 200 ms within which a repeated signal is ignored.
const APART: Duration = Duration::from_millis(260);

fn pause() {
    // Real time is what is tested here: signals closer than 200 ms count as one.
    let until = Instant::now() + APART;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}

/// Starts the fixture and waits until `run` has begun.
fn running(arguments: &[&str]) -> Process {
    let mut process = fixture(arguments);
    process.wait_for_line("run");
    process
}

#[test]
fn term_and_int_end_with_0_well_under_a_second() {
    for signal in ["TERM", "INT"] {
        let process = running(&[]);
        let began = Instant::now();
        process.signal(signal);

        let exit = process.finish();

        assert_eq!(exit.code, Some(0), "{signal}: {exit:?}");
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{signal}: {:?}",
            began.elapsed()
        );
        assert_eq!(
            exit.stdout,
            [
                "main",
                "pre_start",
                "on_start",
                "run",
                "on_stop",
                "post_stop"
            ]
        );
        assert_eq!(exit.stderr, "");
    }
}

#[test]
fn hangup_without_a_reloader_stops_to_be_spawned_again() {
    let process = running(&[]);
    process.signal("HUP");

    let exit = process.finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn i10_third_signal_ends_a_stuck_stop_with_128_plus_n() {
    for (does, signal, code) in [
        ("on_stop=hang", "INT", 130),
        ("on_stop=block", "INT", 130),
        ("on_stop=block", "TERM", 143),
    ] {
        let mut process = running(&[does]);
        process.signal(signal);
        process.wait_for_line("on_stop");
        pause();
        process.signal(signal);
        pause();
        process.signal(signal);

        let exit = process.finish();

        assert_eq!(exit.code, Some(code), "{does} {signal}: {exit:?}");
    }
}

#[test]
fn i10_signals_in_quick_succession_count_as_one() {
    let process = running(&["run=hang"]);
    let began = Instant::now();
    for _ in 0..3 {
        process.signal("INT");
    }

    let exit = process.finish();

    // `run` had its whole grace, so there was no second signal.
    assert!(
        began.elapsed() > Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn i10_second_signal_skips_graces_but_no_hook() {
    let process = running(&["run=hang", "task=hang"]);
    process.signal("INT");
    pause();
    let began = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
    assert!(
        exit.stderr
            .contains("2 task(s) outlasted the shutdown deadline"),
        "{exit:?}"
    );
    assert!(
        exit.stderr
            .contains("tasks aborted at the deadline: run, odd"),
        "{exit:?}"
    );
}

#[test]
fn failing_hook_ends_with_1_and_its_whole_chain_on_stderr() {
    for (hook, said) in [
        ("pre_start", "pre_start failed"),
        ("on_start", "on_start failed"),
        ("run", "run failed"),
    ] {
        let exit = fixture(&[&format!("{hook}=err")]).finish();

        assert_eq!(exit.code, Some(1), "{exit:?}");
        let expected = format!(
            "error: {said}\n  caused by: {hook} was told to fail\n  \
             caused by: cannot reach the store\n  caused by: the disk is on fire\n"
        );
        assert_eq!(exit.stderr, expected);
    }
}

#[test]
fn every_error_is_told_not_only_the_first() {
    let exit = fixture(&["run=err", "on_stop=err", "post_stop=err"]).finish();

    assert_eq!(exit.code, Some(1));
    assert!(exit.stderr.starts_with("error: run failed\n"), "{exit:?}");
    for also in ["also: on_stop\n", "also: post_stop\n"] {
        assert!(exit.stderr.contains(also), "{exit:?}");
    }
}

#[test]
fn i5_panicking_hook_ends_with_1_and_the_undo_runs() {
    let exit = fixture(&["on_start=panic"]).finish();

    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert_eq!(exit.stdout, ["main", "pre_start", "on_start", "post_stop"]);
    assert!(exit.stderr.contains("caused by: panicked at "), "{exit:?}");
}

#[test]
fn i11_quit_reports_where_the_service_stands_and_changes_nothing() {
    let process = running(&["task=hang"]);
    process.signal("QUIT");
    process.wait_for_error("task `odd`: background_loop, standard");
    process.signal("TERM");
    pause();
    process.signal("TERM");

    let exit = process.finish();

    assert!(
        exit.stderr
            .starts_with("service `fixture` in phase running; 4 live task(s)\n"),
        "{exit:?}"
    );
    assert!(
        exit.stderr.contains("from tests/fixture/main.rs:"),
        "{exit:?}"
    );
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn run_that_is_done_ends_with_0() {
    let exit = fixture(&["run=done"]).finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
}

#[test]
fn main_that_returns_no_service_ends_with_0_and_one_that_fails_with_1() {
    assert_eq!(fixture(&["return=none"]).finish().code, Some(0));

    let exit = fixture(&["main=err"]).finish();
    assert_eq!(exit.code, Some(1));
    assert!(
        exit.stderr
            .starts_with("error: main was told to fail\n  caused by: "),
        "{exit:?}"
    );

    let exit = fixture(&["total=soon"]).finish();
    assert_eq!(exit.code, Some(1));
    assert!(
        exit.stderr.contains("`total` is a number of milliseconds"),
        "{exit:?}"
    );
}

#[test]
fn signal_during_main_ends_the_process_by_that_signal() {
    // `hang` is dropped at once; `block` cannot be, so the thread does not wait for it for ever.
    for (does, limit) in [("main=hang", 2), ("main=block", 5)] {
        let mut process = fixture(&[does]);
        process.wait_for_line("main");
        let began = Instant::now();
        process.signal("TERM");

        let exit = process.finish();

        assert_eq!(
            (exit.code, exit.signal),
            (None, Some(15)),
            "{does}: {exit:?}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(limit),
            "{does}: {:?}",
            began.elapsed()
        );
    }
}

#[test]
fn i9_signal_during_a_start_hook_is_a_requested_stop() {
    for (does, expected) in [
        ("pre_start=hang", &["main", "pre_start"][..]),
        (
            "on_start=hang",
            &["main", "pre_start", "on_start", "post_stop"][..],
        ),
    ] {
        let mut process = fixture(&[does]);
        process.wait_for_line(
            expected
                .iter()
                .rfind(|line| **line != "post_stop")
                .expect("a hook"),
        );
        process.signal("TERM");

        let exit = process.finish();

        assert_eq!(exit.code, Some(0), "{does}: {exit:?}");
        assert_eq!(exit.stdout, expected, "{does}");
    }
}

#[test]
fn i29_watchdog_ends_a_stop_that_no_timer_can_end() {
    let process = running(&["on_stop=block", "total=2000"]);
    let began = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(124), "{exit:?}");
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    let said = &exit.stderr;
    assert!(
        said.starts_with(
            "error: stop of `fixture` took longer than 2s
"
        ),
        "{exit:?}"
    );
    assert!(said.contains("in phase on_stop"), "{exit:?}");
    assert!(said.contains("waiting for hook `on_stop`"), "{exit:?}");
}

#[test]
fn i31_task_that_never_yields_cannot_hold_the_process() {
    let mut process = fixture(&["task=block", "total=3000"]);
    process.wait_for_line("task");
    process.wait_for_line("run");
    let began = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert!(
        began.elapsed() < Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
    assert!(exit.stderr.contains("tasks stuck: odd"), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn stray_panic_is_fatal_and_the_previous_hook_still_runs() {
    let exit = fixture(&["stray=panic"]).finish();

    assert_eq!(exit.code, Some(1), "{exit:?}");
    let calls = exit
        .stdout
        .iter()
        .filter(|line| line.contains("there before"))
        .count();
    assert_eq!(calls, 1, "{exit:?}");
    assert!(
        exit.stderr.starts_with("error: fatal: panic at "),
        "{exit:?}"
    );
    assert!(exit.stderr.contains("nobody answers for this"), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}
