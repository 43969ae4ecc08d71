//! The example `supervised`: children that fail, flap, and block their thread, in a real process.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::child::{Exit, Process};
use crate::support::example;

fn start(arguments: &[&str]) -> Process {
    let mut command = Command::new(example("supervised"));
    command.args(["--every", "100"]).args(arguments);
    Process::start(command)
}

/// The rows of one child, in order.
fn rows(exit: &Exit, child: &str) -> Vec<String> {
    let rows = exit.stdout.iter().filter(|line| line.starts_with(child));
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn i42_worker_that_is_blocked_stops_neither_the_timers_nor_the_other_children() {
    let exit = start(&["--seconds", "9"]).finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    let sticky = rows(&exit, "/sticky");
    let is_stuck = |row: &String| row.starts_with("/sticky failed 1.1") && row.contains("(stuck)");
    assert!(sticky.iter().any(is_stuck), "{sticky:?}");
    let back = sticky.last().expect("a table");
    assert_eq!(back, "/sticky running 1.2 1 1 hung");
    // A blocked worker that was to wait for the timers takes them away for two or three seconds.
    assert!(sticky.len() > 40, "{} tables in 9 s", sticky.len());
    let flapping = rows(&exit, "/flapping");
    let quarantined = "/flapping quarantined 1.6 5 6 failed: attempt 6 found nobody there";
    assert_eq!(flapping.last().map(String::as_str), Some(quarantined));
}

#[test]
fn i39_child_that_is_given_up_ends_the_program_with_70_and_its_name() {
    let exit = start(&["--escalate", "--log"]).finish();

    assert_eq!(exit.code, Some(70), "{}", exit.stderr);
    assert!(
        exit.stderr
            .contains("supervisor gave up: child `/flapping`: 5 restarts within 10s"),
        "{exit:?}"
    );
}

#[test]
fn stuck_child_is_named_and_does_not_hold_the_end() {
    let mut process = start(&[]);
    process.wait_for_line_with("/sticky            running");
    // Longer than it takes until the child blocks its thread.
    std::thread::park_timeout(Duration::from_millis(1500));
    let told = Instant::now();
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(124), "{exit:?}");
    assert!(exit.stderr.contains("stuck: /sticky"), "{exit:?}");
    assert!(
        told.elapsed() < Duration::from_millis(6000),
        "{:?}",
        told.elapsed()
    );
}
