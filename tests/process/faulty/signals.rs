//! Signals that come at odd moments of a service that misbehaves.

use std::time::{Duration, Instant};

use dig_service::testing::{Fault, Place};

use super::program::{TOTAL, assert_ended, pause, wait_for_fault, with_faults, with_long_graces};

const WHOLE: &str = "pre_start ok, on_start ok, run ok, on_stop ok, post_stop ok, cleanup ok";

/// Well below every grace of the default total.
const SOON: Duration = Duration::from_millis(1500);

#[test]
fn i10_second_term_skips_each_grace() {
    for (place, hooks, code) in [
        (Place::PreStart, "pre_start dropped, cleanup ok", 0),
        (
            Place::OnStart,
            "pre_start ok, on_start dropped, post_stop ok, cleanup ok",
            0,
        ),
        (
            Place::Run,
            "pre_start ok, on_start ok, run dropped, on_stop ok, post_stop ok, cleanup ok",
            1,
        ),
        (Place::Task, WHOLE, 1),
    ] {
        let mut process = with_long_graces(&[(place, Fault::Hang)], &[]);
        wait_for_fault(&mut process, place);
        process.signal("TERM");
        pause();
        let began = Instant::now();
        process.signal("TERM");

        let exit = process.finish();

        assert!(began.elapsed() < SOON, "{place}: {:?}", began.elapsed());
        assert_ended(&exit, code, hooks);
    }
}

#[test]
fn i10_second_term_takes_no_time_from_a_stop_hook() {
    for (place, hooks) in [
        (
            Place::OnStop,
            "pre_start ok, on_start ok, run ok, on_stop dropped, post_stop ok, cleanup ok",
        ),
        (
            Place::PostStop,
            "pre_start ok, on_start ok, run ok, on_stop ok, post_stop dropped, cleanup ok",
        ),
    ] {
        let mut process = with_faults(&[(place, Fault::Hang)], &[]);
        wait_for_fault(&mut process, place);
        let began = Instant::now();
        process.signal("TERM");
        process.wait_for_line(&format!("{place} began"));
        pause();
        process.signal("TERM");

        let exit = process.finish();

        // The shares up to that of `on_stop` are 19 parts of 25.
        assert!(
            began.elapsed() > TOTAL * 19 / 25,
            "{place}: {:?}",
            began.elapsed()
        );
        assert_ended(&exit, 1, hooks);
    }
}

#[test]
fn i10_third_int_ends_the_process_wherever_it_is_stuck() {
    for (place, hooks) in [
        (Place::PreStart, "pre_start open"),
        (Place::OnStart, "pre_start ok, on_start open"),
        (Place::Run, "pre_start ok, on_start ok, run open"),
        (Place::Task, "pre_start ok, on_start ok, run ok"),
        (Place::BlockingTask, "pre_start ok, on_start ok, run ok"),
        (
            Place::OnStop,
            "pre_start ok, on_start ok, run ok, on_stop open",
        ),
        (
            Place::PostStop,
            "pre_start ok, on_start ok, run ok, on_stop ok, post_stop open",
        ),
    ] {
        let mut process = with_long_graces(&[(place, Fault::Block)], &[]);
        wait_for_fault(&mut process, place);
        process.signal("INT");
        pause();
        process.signal("INT");
        pause();
        let began = Instant::now();
        process.signal("INT");

        let exit = process.finish();

        assert!(began.elapsed() < SOON, "{place}: {:?}", began.elapsed());
        assert_ended(&exit, 130, hooks);
    }
}

#[test]
fn int_and_term_share_one_count_and_the_last_decides_the_code() {
    let mut process = with_long_graces(&[(Place::OnStop, Fault::Hang)], &[]);
    wait_for_fault(&mut process, Place::OnStop);
    for signal in ["TERM", "INT", "TERM"] {
        process.signal(signal);
        pause();
    }

    let exit = process.finish();

    assert_eq!(exit.code, Some(143), "{exit:?}");
}

#[test]
fn i11_hangup_is_a_request_to_be_spawned_again() {
    for (more, code) in [(&[][..], 0), (&["--sysexits"], 75)] {
        let mut process = with_faults(&[], more);
        process.wait_for_line("run began");
        process.signal("HUP");

        assert_ended(&process.finish(), code, WHOLE);
    }
}

#[test]
fn i11_hangup_while_stopping_changes_nothing() {
    let mut process = with_faults(&[(Place::OnStop, Fault::Hang)], &["--sysexits"]);
    process.wait_for_line("run began");
    let began = Instant::now();
    process.signal("TERM");
    process.wait_for_line("on_stop began");
    for _ in 0..3 {
        process.signal("HUP");
        pause();
    }

    let exit = process.finish();

    assert!(began.elapsed() > TOTAL * 19 / 25, "{:?}", began.elapsed());
    let hooks = "pre_start ok, on_start ok, run ok, on_stop dropped, post_stop ok, cleanup ok";
    assert_ended(&exit, 74, hooks);
}

#[test]
fn i11_quit_reports_and_the_service_goes_on() {
    let mut process = with_faults(&[(Place::Task, Fault::SpawnLate)], &[]);
    process.wait_for_line("run began");
    process.wait_for_line("task began");
    for _ in 0..3 {
        process.signal("QUIT");
        pause();
    }
    process.signal("TERM");

    let exit = process.finish();

    assert_ended(&exit, 0, WHOLE);
    let reports = exit.stderr.matches("phase running").count();
    assert_eq!(reports, 3, "{exit:?}");
    assert!(exit.stderr.contains("`task`"), "{exit:?}");
}
