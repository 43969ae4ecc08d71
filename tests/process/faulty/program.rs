//! The program, with arguments; and what its lines say.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dig_service::testing::{Fault, Place};

use crate::child::{Exit, Process};
use crate::support::example;

/// The total that the tests give a stop.
pub(super) const TOTAL: Duration = Duration::from_secs(3);

/// Starts the program with the total of the tests and faults at places.
pub(super) fn with_faults(faults: &[(Place, Fault)], more: &[&str]) -> Process {
    let total = format!("{}s", TOTAL.as_secs());
    start(faults, &[&["--deadline-total", &total], more].concat())
}

/// The same with the default total, whose graces no test outwaits.
pub(super) fn with_long_graces(faults: &[(Place, Fault)], more: &[&str]) -> Process {
    start(faults, more)
}

fn start(faults: &[(Place, Fault)], more: &[&str]) -> Process {
    let mut command = Command::new(example("faulty"));
    for (place, fault) in faults {
        command.args(["--at", place.label(), "--do", fault.label()]);
    }
    command.args(more);
    Process::start(command)
}

/// Waits until the place with the fault has been reached: a start hook, or else `run`, and the task.
pub(super) fn wait_for_fault(process: &mut Process, place: Place) {
    match place {
        Place::PreStart | Place::OnStart => process.wait_for_line(&format!("{place} began")),
        _ => process.wait_for_line("run began"),
    }
    if let Place::Task | Place::BlockingTask = place {
        process.wait_for_line(&format!("{place} began"));
    }
}

/// The lines of the hooks, without those of tasks and spawns.
pub(super) fn hook_lines(stdout: &[String]) -> Vec<String> {
    let is_task = |line: &str| line.starts_with("task ") || line.starts_with("blocking_task ");
    let hooks = stdout
        .iter()
        .filter(|line| !is_task(line) && !line.contains(" spawn "));
    hooks.cloned().collect()
}

/// What hooks that ran one after the other write: `run ok` is `run began` and `run ok`.
pub(super) fn written(ends: &[String]) -> Vec<String> {
    let lines = ends.iter().flat_map(|end| {
        let hook = end.split(' ').next().unwrap_or_default();
        let is_open = end.ends_with(" open");
        [
            Some(format!("{hook} began")),
            (!is_open).then(|| end.clone()),
        ]
    });
    lines.flatten().collect()
}

/// How the task ended and what was refused, as the table has it.
pub(super) fn task_ends(stdout: &[String]) -> String {
    let mut ends = Vec::new();
    let mut is_open = false;
    for line in stdout {
        let (who, what) = line.split_once(' ').unwrap_or((line, ""));
        if let Some(end) = what.strip_prefix("spawn ") {
            ends.push(end);
        } else if who == "task" || who == "blocking_task" {
            is_open = what == "began";
            ends.extend((!is_open).then_some(what));
        }
    }
    ends.extend(is_open.then_some("open"));
    match ends.is_empty() {
        true => "-".to_owned(),
        false => ends.join(", "),
    }
}

/// Waits until the next signal is not taken for a repeat of the last.
pub(super) fn pause() {
    // Real time is what is tested here: signals closer than 200 ms count as one.
    let until = Instant::now() + Duration::from_millis(260);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}

/// Sends a signal to a process that is no child of the test; whether there was one.
pub(super) fn signal(name: &str, pid: &str) -> bool {
    let mut kill = Command::new("kill");
    kill.args([&format!("-{name}"), pid]).stderr(Stdio::null());
    kill.status().expect("kill runs").success()
}

/// Asserts the exit code, and how the hooks ended, as the page of faults writes it.
pub(super) fn assert_ended(exit: &Exit, code: i32, hooks: &str) {
    let ends: Vec<_> = hooks.split(", ").map(str::to_owned).collect();
    assert_eq!(exit.code, Some(code), "{exit:?}");
    assert_eq!(hook_lines(&exit.stdout), written(&ends), "{exit:?}");
}
