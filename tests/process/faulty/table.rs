//! The table of `docs/faults.md`, in code.

use std::fmt::Write;

use dig_service::testing::{Fault, Place};

use self::Asked::{Itself, Term};
use self::Ends::{AtOnce, Total, Watchdog};
use crate::support::workspace;

/// Who ends the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The fault does.
    Itself,
    /// A TERM does.
    Term,
}

/// When the process is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    AtOnce,
    Total,
    Watchdog,
}

/// What becomes of one fault at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) fault: Fault,
    pub(super) asked: Asked,
    pub(super) simple: i32,
    pub(super) sysexits: i32,
    /// How each hook ended, in order; `-` is a hook that did not run.
    ends: &'static str,
    /// How the task ended, and what was refused.
    pub(super) task: &'static str,
    pub(super) when: Ends,
}

const HOOKS: [&str; 6] = [
    "pre_start",
    "on_start",
    "run",
    "on_stop",
    "post_stop",
    "cleanup",
];

impl Row {
    /// The hooks that began, each with its end: `run ok`.
    pub(super) fn hooks(&self) -> Vec<String> {
        let ends = HOOKS.iter().zip(self.ends.split(' '));
        let ran = ends.filter(|(_, end)| *end != "-");
        ran.map(|(hook, end)| format!("{hook} {end}")).collect()
    }

    /// The row as the page has it.
    fn markdown(&self) -> String {
        let hooks = self.hooks();
        let last = hooks.last().and_then(|hook| hook.split(' ').next());
        let asked = match self.asked {
            Itself => "itself",
            Term => "TERM",
        };
        let when = match self.when {
            AtOnce => "at once",
            Total => "total",
            Watchdog => "watchdog",
        };
        format!(
            "| `{}` | `{}` | {asked} | {} | {} | {} | {} | {} | {when} |\n",
            self.place,
            self.fault,
            self.simple,
            self.sysexits,
            last.unwrap_or("-"),
            hooks.join(", "),
            self.task,
        )
    }
}

type Cells = (Asked, i32, i32, &'static str, &'static str, Ends);

/// For each place the seven faults, in the order of [`Fault::ALL`].
#[rustfmt::skip]
const CELLS: [[Cells; 7]; 7] = [
    // pre_start
    [
        (Itself, 1, 70, "err - - - - ok", "-", AtOnce),
        (Itself, 1, 70, "panic - - - - ok", "-", AtOnce),
        (Term, 0, 0, "dropped - - - - ok", "-", Total),
        (Term, 124, 124, "open - - - - -", "-", Watchdog),
        (Term, 0, 0, "dropped - - - - ok", "-", Total),
        (Term, 0, 0, "dropped - - - - ok", "-", Total),
        (Term, 0, 0, "ok - - - ok ok", "refused", AtOnce),
    ],
    // on_start
    [
        (Itself, 1, 70, "ok err - - ok ok", "-", AtOnce),
        (Itself, 1, 70, "ok panic - - ok ok", "-", AtOnce),
        (Term, 0, 0, "ok dropped - - ok ok", "-", Total),
        (Term, 124, 124, "ok open - - - -", "-", Watchdog),
        (Term, 0, 0, "ok dropped - - ok ok", "-", Total),
        (Term, 0, 0, "ok dropped - - ok ok", "-", Total),
        (Term, 0, 0, "ok ok - ok ok ok", "refused", AtOnce),
    ],
    // run
    [
        (Itself, 1, 70, "ok ok err ok ok ok", "-", AtOnce),
        (Itself, 1, 70, "ok ok panic ok ok ok", "-", AtOnce),
        (Term, 1, 124, "ok ok dropped ok ok ok", "-", Total),
        (Term, 1, 124, "ok ok open ok ok ok", "-", Total),
        (Term, 1, 124, "ok ok dropped ok ok ok", "-", Total),
        (Term, 1, 124, "ok ok dropped ok ok ok", "-", Total),
        (Term, 0, 0, "ok ok ok ok ok ok", "refused", AtOnce),
    ],
    // on_stop
    [
        (Term, 1, 74, "ok ok ok err ok ok", "-", AtOnce),
        (Term, 1, 70, "ok ok ok panic ok ok", "-", AtOnce),
        (Term, 1, 74, "ok ok ok dropped ok ok", "-", Total),
        (Term, 124, 124, "ok ok ok open - -", "-", Watchdog),
        (Term, 1, 74, "ok ok ok dropped ok ok", "-", Total),
        (Term, 1, 74, "ok ok ok dropped ok ok", "-", Total),
        (Term, 0, 0, "ok ok ok ok ok ok", "refused", AtOnce),
    ],
    // post_stop
    [
        (Term, 1, 74, "ok ok ok ok err ok", "-", AtOnce),
        (Term, 1, 70, "ok ok ok ok panic ok", "-", AtOnce),
        (Term, 1, 74, "ok ok ok ok dropped ok", "-", Total),
        (Term, 124, 124, "ok ok ok ok open -", "-", Watchdog),
        (Term, 1, 74, "ok ok ok ok dropped ok", "-", Total),
        (Term, 1, 74, "ok ok ok ok dropped ok", "-", Total),
        (Term, 0, 0, "ok ok ok ok ok ok", "refused", AtOnce),
    ],
    // task
    [
        (Term, 0, 0, "ok ok ok ok ok ok", "err", AtOnce),
        (Term, 0, 0, "ok ok ok ok ok ok", "panic", AtOnce),
        (Term, 1, 124, "ok ok ok ok ok ok", "dropped", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "open", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "dropped", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "dropped", Total),
        (Term, 0, 0, "ok ok ok ok ok ok", "refused, ok", AtOnce),
    ],
    // blocking_task
    [
        (Term, 0, 0, "ok ok ok ok ok ok", "err", AtOnce),
        (Term, 0, 0, "ok ok ok ok ok ok", "panic", AtOnce),
        (Term, 1, 124, "ok ok ok ok ok ok", "open", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "open", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "open", Total),
        (Term, 1, 124, "ok ok ok ok ok ok", "open", Total),
        (Term, 0, 0, "ok ok ok ok ok ok", "refused, ok", AtOnce),
    ],
];

/// All 49 rows.
pub(super) fn rows() -> Vec<Row> {
    let places = Place::ALL.into_iter().zip(CELLS);
    let rows = places.flat_map(|(place, cells)| {
        let faults = Fault::ALL.into_iter().zip(cells);
        faults.map(move |(fault, cells)| {
            let (asked, simple, sysexits, ends, task, when) = cells;
            Row {
                place,
                fault,
                asked,
                simple,
                sysexits,
                ends,
                task,
                when,
            }
        })
    });
    rows.collect()
}

#[test]
fn page_of_faults_has_this_table() {
    let page = std::fs::read_to_string(workspace().join("docs/faults.md")).expect("the page");
    let on_page = page.lines().filter(|line| line.starts_with("| `"));
    // The table of the faults themselves has two columns.
    let on_page = on_page.filter(|line| line.matches('|').count() > 3);
    let mut expected = String::new();
    for row in rows() {
        let _ = write!(expected, "{}", row.markdown());
    }

    let expected: Vec<_> = expected.lines().collect();
    assert_eq!(expected.len(), 49);
    assert_eq!(on_page.collect::<Vec<_>>(), expected);
}
