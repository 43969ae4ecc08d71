//! Every fault at every place, under both tables of exit codes.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::program::{TOTAL, hook_lines, task_ends, wait_for_fault, with_faults, written};
use super::table::{Asked, Ends, Row, rows};
use crate::child::Exit;
use crate::support::example;

/// How many programs run side by side: they sleep most of the time.
const AT_ONCE: usize = 12;

/// What became of a program.
struct Seen {
    row: Row,
    is_sysexits: bool,
    exit: Exit,
    /// From the TERM, or from the start of the program, to its end.
    took: Duration,
}

impl Seen {
    fn of(row: Row, is_sysexits: bool) -> Self {
        let more: &[&str] = if is_sysexits { &["--sysexits"] } else { &[] };
        let mut began = Instant::now();
        let mut process = with_faults(&[(row.place, row.fault)], more);
        if row.asked == Asked::Term {
            wait_for_fault(&mut process, row.place);
            began = Instant::now();
            process.signal("TERM");
        }
        let exit = process.finish();
        let took = began.elapsed();
        Self {
            row,
            is_sysexits,
            exit,
            took,
        }
    }

    fn began(&self, hook: &str) -> bool {
        self.has(&format!("{hook} began"))
    }

    fn has(&self, line: &str) -> bool {
        self.exit.stdout.iter().any(|own| own == line)
    }

    fn at(&self, line: &str) -> Option<usize> {
        self.exit.stdout.iter().position(|own| own == line)
    }

    fn is_cut_off(&self) -> bool {
        self.exit.code == Some(124) && self.exit.stderr.contains("took longer than")
    }

    /// What the row says otherwise.
    fn differences(&self) -> Vec<String> {
        let row = &self.row;
        let code = if self.is_sysexits {
            row.sysexits
        } else {
            row.simple
        };
        let mut found = Vec::new();
        let mut expect = |what: &str, expected: String, seen: String| {
            if expected != seen {
                found.push(format!("{what}: expected {expected}, saw {seen}"));
            }
        };
        expect(
            "code",
            format!("{:?}", Some(code)),
            format!("{:?}", self.exit.code),
        );
        let hooks = hook_lines(&self.exit.stdout);
        expect(
            "hooks",
            format!("{:?}", written(&row.hooks())),
            format!("{hooks:?}"),
        );
        let task = task_ends(&self.exit.stdout);
        expect("task", row.task.to_owned(), task);
        let limits = match row.when {
            Ends::AtOnce => Duration::ZERO..TOTAL / 2,
            Ends::Total => Duration::ZERO..TOTAL + Duration::from_secs(1),
            Ends::Watchdog => TOTAL..TOTAL + Duration::from_secs(1),
        };
        if !limits.contains(&self.took) {
            found.push(format!("took {:?}, expected {limits:?}", self.took));
        }
        found
    }

    fn name(&self) -> String {
        let table = if self.is_sysexits {
            "sysexits"
        } else {
            "simple"
        };
        format!("{} {} ({table})", self.row.place, self.row.fault)
    }
}

/// Runs all pairs once, for all tests of this file.
fn all() -> &'static [Seen] {
    static ALL: OnceLock<Vec<Seen>> = OnceLock::new();
    ALL.get_or_init(|| {
        // The programs are built before the clocks run.
        example("faulty");
        let pairs = rows()
            .into_iter()
            .flat_map(|row| [(row, false), (row, true)]);
        let queue: Mutex<VecDeque<_>> = Mutex::new(pairs.collect());
        let next = || queue.lock().expect("no test panics here").pop_front();
        std::thread::scope(|scope| {
            let work = || {
                let mine = std::iter::from_fn(next);
                mine.map(|(row, is_sysexits)| Seen::of(row, is_sysexits))
                    .collect::<Vec<_>>()
            };
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let seen = workers.into_iter().map(|worker| worker.join());
            seen.flat_map(|seen| seen.expect("every program was run"))
                .collect()
        })
    })
}

/// Panics with every pair that breaks the rule.
fn rule(is_kept: impl Fn(&Seen) -> bool) {
    let broken = all().iter().filter(|seen| !is_kept(seen));
    let broken: Vec<_> = broken
        .map(|seen| (seen.name(), &seen.exit.code, &seen.exit.stdout))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_fault_at_every_place_ends_as_the_table_says() {
    assert_eq!(all().len(), 2 * 49);

    let wrong = all().iter().map(|seen| (seen.name(), seen.differences()));
    let wrong: Vec<_> = wrong.filter(|(_, found)| !found.is_empty()).collect();

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_fault_outlasts_the_total_by_a_second() {
    rule(|seen| seen.took < TOTAL + Duration::from_secs(1));
}

#[test]
fn i2_undo_runs_if_and_only_if_its_hook_returned_ok() {
    let pairs = [("pre_start", "post_stop"), ("on_start", "on_stop")];
    rule(|seen| {
        seen.is_cut_off()
            || pairs
                .iter()
                .all(|(hook, undo)| seen.has(&format!("{hook} ok")) == seen.began(undo))
    });
}

#[test]
fn i3_cleanup_runs_whatever_goes_wrong() {
    rule(|seen| seen.is_cut_off() || seen.has("cleanup ok"));
}

#[test]
fn i28_no_hook_begins_beside_one_that_blocks() {
    rule(|seen| {
        let last = seen.exit.stdout.last();
        !seen.is_cut_off() || last.is_some_and(|line| line.ends_with(" began"))
    });
}

#[test]
fn tasks_are_gone_when_on_stop_begins_unless_they_keep_a_thread() {
    rule(|seen| {
        let ends = ["ok", "err", "panic", "dropped"].map(|end| seen.at(&format!("task {end}")));
        let end = ends.into_iter().flatten().next();
        end.is_none() || end < seen.at("on_stop began")
    });
}
