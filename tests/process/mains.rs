//! The options of `#[dig_main]` that shape the program around the service.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::child::Process;

/// Starts the program's `main` of this name, where tokio would take five workers by itself.
fn main_of(name: &str) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mains"));
    command.arg(name).env("TOKIO_WORKER_THREADS", "5");
    Process::start(command)
}

#[test]
fn runtime_is_the_one_that_the_options_name() {
    for (name, said) in [
        ("plain", "MultiThread, 5, tokio-rt-worker"),
        ("multi_thread", "MultiThread, 5, tokio-rt-worker"),
        ("current_thread", "CurrentThread, 1, main"),
        ("three_workers", "MultiThread, 3, tokio-rt-worker"),
        ("made_by_hand", "MultiThread, 2, own"),
    ] {
        let exit = main_of(name).finish();

        assert_eq!(exit.stdout, [said], "{name}: {exit:?}");
        assert_eq!(exit.code, Some(0), "{name}: {exit:?}");
    }
}

#[test]
fn signal_that_is_not_handled_ends_the_program_as_it_does_by_default() {
    let mut process = main_of("no_signals");
    process.wait_for_line("run");
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!((exit.code, exit.signal), (None, Some(15)), "{exit:?}");
    assert_eq!(exit.stdout, ["on_start", "run"]);
}

/// Returns how long the program is there while blocking work holds its runtime.
fn time_to_end(name: &str) -> Duration {
    let mut process = main_of(name);
    process.wait_for_line("stuck");
    let began = Instant::now();
    let exit = process.finish();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    began.elapsed()
}

#[test]
fn stuck_blocking_work_holds_the_process_for_as_long_as_the_option_says() {
    let short = time_to_end("short_end");
    let long = time_to_end("long_end");

    // By default it is one second.
    assert!(short < Duration::from_millis(700), "{short:?}");
    assert!(long > Duration::from_millis(2500), "{long:?}");
}
