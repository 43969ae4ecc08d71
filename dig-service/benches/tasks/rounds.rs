//! Takes every figure in a process of its own, and makes a table of the medians.

use std::process::{Command, ExitCode};

/// One line of figures: a quantity, and the systems it is taken of.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) systems: &'static [&'static str],
    /// The system that the others are compared with.
    pub(crate) base: &'static str,
    pub(crate) budgets: &'static [Budget],
    pub(crate) run: fn(system: &str, scale: Scale) -> f64,
}

/// What a figure must not exceed.
pub(crate) struct Budget {
    system: &'static str,
    limit: Limit,
}

enum Limit {
    Ratio(f64),
    AtMost(f64),
}

impl Budget {
    /// So many times what the base costs.
    pub(crate) const fn ratio(system: &'static str, limit: f64) -> Self {
        Self {
            system,
            limit: Limit::Ratio(limit),
        }
    }

    /// So many units.
    pub(crate) const fn at_most(system: &'static str, limit: f64) -> Self {
        Self {
            system,
            limit: Limit::AtMost(limit),
        }
    }
}

/// How much is done for a figure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Full,
    /// Enough to see that it runs.
    Quick,
}

impl Scale {
    /// `full` of something, or the hundredth part.
    pub(crate) const fn of(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full / 100,
        }
    }
}

/// Runs the program: the parent that makes the table, or the child that takes one figure.
pub(crate) fn main(measures: &[Measure]) -> ExitCode {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let scale = if has("--quick") {
        Scale::Quick
    } else {
        Scale::Full
    };
    let names: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|arg| !arg.starts_with("--"))
        .collect();

    if let (true, [name, system]) = (has("--one"), &names[..]) {
        if let Some(measure) = measures.iter().find(|measure| measure.name == *name) {
            println!("{}", (measure.run)(system, scale));
        }
        return ExitCode::SUCCESS;
    }
    let mut missed = 0;
    for measure in measures {
        if names.is_empty() || names.contains(&measure.name) {
            missed += table(measure, scale);
        }
    }
    if has("--check") && missed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Prints the figures of one measure; returns how many budgets were missed.
fn table(measure: &Measure, scale: Scale) -> usize {
    // What is only counted is counted once.
    let is_compared = measure.systems.len() > 1;
    let rounds = if scale == Scale::Full && is_compared {
        5
    } else {
        1
    };
    let mut figures = vec![Vec::new(); measure.systems.len()];
    for _ in 0..rounds {
        for (system, figures) in measure.systems.iter().zip(&mut figures) {
            figures.push(in_a_child(measure.name, system, scale));
        }
    }
    let medians: Vec<f64> = figures.iter_mut().map(|figures| median(figures)).collect();
    let of = |system: &str| {
        measure
            .systems
            .iter()
            .position(|s| *s == system)
            .map(|at| medians[at])
    };
    let base = of(measure.base).unwrap_or(1.0);

    println!("\n{} ({}, median of {rounds})", measure.title, measure.unit);
    let mut missed = 0;
    for (system, median) in measure.systems.iter().zip(&medians) {
        let budget = measure
            .budgets
            .iter()
            .find(|budget| budget.system == *system);
        let (is_met, shown) = match budget.map(|budget| &budget.limit) {
            Some(Limit::Ratio(limit)) => (median / base <= *limit, format!("<= {limit:.2}x")),
            Some(Limit::AtMost(limit)) => (median <= limit, format!("<= {limit}")),
            None => (true, String::new()),
        };
        missed += usize::from(!is_met);
        let verdict = if is_met { "" } else { "MISSED" };
        println!(
            "  {system:<12} {median:>12.1} {:>7}  {shown:<10} {verdict}",
            if is_compared {
                format!("{:.2}x", median / base)
            } else {
                String::new()
            }
        );
    }
    missed
}

fn in_a_child(name: &str, system: &str, scale: Scale) -> f64 {
    let mut child = Command::new(std::env::current_exe().expect("this program has a path"));
    child.args(["--one", name, system]);
    if scale == Scale::Quick {
        child.arg("--quick");
    }
    let output = child.output().expect("this program runs");
    assert!(
        output.status.success(),
        "{name} {system}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("a child prints its figure")
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
