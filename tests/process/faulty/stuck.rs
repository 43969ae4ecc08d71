//! Every worker of the runtime is stuck: no timer runs, no future is polled.

use std::time::{Duration, Instant};

use dig_service::testing::{Fault, Place};

use super::program::{TOTAL, assert_ended, pause, with_faults, with_long_graces};
use crate::child::Process;

const TWO: [(Place, Fault); 2] = [(Place::Run, Fault::Block), (Place::Task, Fault::Block)];
const CUT_OFF: &str = "pre_start ok, on_start ok, run open";

fn wait_for_both(process: &mut Process) {
    process.wait_for_line("run began");
    process.wait_for_line("task began");
}

#[test]
fn i29_watchdog_ends_a_process_whose_workers_are_all_stuck() {
    let mut process = with_faults(&TWO, &["--workers", "2"]);
    wait_for_both(&mut process);
    let began = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    let took = began.elapsed();
    assert!(took < TOTAL + Duration::from_secs(1), "{took:?}");
    assert_ended(&exit, 124, CUT_OFF);
    for task in ["`run`", "`task`"] {
        assert!(exit.stderr.contains(task), "{exit:?}");
    }
}

#[test]
fn i10_third_signal_ends_a_process_whose_workers_are_all_stuck() {
    let mut process = with_long_graces(&TWO, &["--workers", "2"]);
    wait_for_both(&mut process);
    let began = Instant::now();
    for _ in 0..3 {
        process.signal("TERM");
        pause();
    }

    let exit = process.finish();

    assert!(began.elapsed() < Duration::from_secs(3));
    assert_ended(&exit, 143, CUT_OFF);
}

#[test]
fn quit_is_answered_when_all_workers_are_stuck() {
    let mut process = with_faults(&TWO, &["--workers", "2"]);
    wait_for_both(&mut process);
    process.signal("QUIT");
    pause();
    process.signal("TERM");

    let exit = process.finish();

    assert!(exit.stderr.contains("phase running"), "{exit:?}");
    assert_eq!(exit.code, Some(124), "{exit:?}");
}

#[test]
fn single_worker_that_is_stuck_is_all_of_them() {
    let mut process = with_faults(&[(Place::Task, Fault::Block)], &["--workers", "1"]);
    process.wait_for_line("task began");
    let began = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    let took = began.elapsed();
    assert!(took < TOTAL + Duration::from_secs(1), "{took:?}");
    assert_eq!(exit.code, Some(124), "{exit:?}");
}
