//! What the task registry costs, beside raw tokio, `TaskTracker` and `JoinSet`.
//!
//! `cargo bench -p dig-service --bench tasks` prints the table of `docs/performance.md`. Every
//! figure is taken in a process of its own, as the state of the heap moves results by a tenth, and
//! the systems take turns; the table shows medians. `-- --quick` measures less, and `-- --check`
//! fails if a budget is missed.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures real time and shows it; what fails here is a bug of its own"
)]

mod rounds;
mod spawn;
mod stop;
mod stress;
mod volume;

use std::process::ExitCode;

use crate::rounds::{Budget, Measure};

const MEASURES: &[Measure] = &[
    Measure {
        name: "spawn",
        title: "spawn and finish a task, waves of 1000",
        unit: "ns",
        systems: &["raw", "raw+handle", "tracker", "joinset", "spawn", "detach"],
        base: "raw",
        budgets: &[Budget::ratio("spawn", 1.22), Budget::ratio("detach", 1.12)],
        run: spawn::measure,
    },
    Measure {
        name: "spawn-inside",
        title: "the same, spawned by a task",
        unit: "ns",
        systems: &[
            "raw",
            "raw+handle",
            "tracker",
            "joinset",
            "spawn",
            "detach",
            "measured",
        ],
        base: "raw",
        budgets: &[],
        run: spawn::measure_inside,
    },
    Measure {
        name: "stop",
        title: "stop 100 000 tasks that wait for the token",
        unit: "us",
        systems: &["tracker", "raw", "ours"],
        base: "tracker",
        budgets: &[Budget::ratio("ours", 1.2)],
        run: stop::measure,
    },
    Measure {
        name: "snapshot",
        title: "a spawn while 100 000 live tasks are listed, 99.9th percentile",
        unit: "us",
        systems: &["other", "listed"],
        base: "other",
        budgets: &[Budget::at_most("listed", 100.0)],
        run: volume::measure_snapshot,
    },
    Measure {
        name: "portion",
        title: "a listing of 100 000 live tasks, per 256 that are looked at under one lock",
        unit: "us",
        systems: &["ours"],
        base: "ours",
        budgets: &[Budget::at_most("ours", 100.0)],
        run: volume::measure_portion,
    },
    Measure {
        name: "growth",
        title: "resident memory gained by 10 000 000 tasks",
        unit: "KiB",
        systems: &["ours"],
        base: "ours",
        budgets: &[Budget::at_most("ours", 5.0 * 1024.0)],
        run: volume::measure_growth,
    },
    Measure {
        name: "stress",
        title: "8 threads spawn, abort, list and close for a minute: what does not add up",
        unit: "tasks",
        systems: &["ours"],
        base: "ours",
        budgets: &[Budget::at_most("ours", 0.0)],
        run: stress::measure,
    },
];

fn main() -> ExitCode {
    rounds::main(MEASURES)
}
