//! The command line.

use std::num::NonZero;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use dig_service::testing::{Fault, FaultPlan, Place};

/// Runs a service with one fault in it, and tells on stdout what becomes of it.
///
/// Stop it with SIGTERM or Ctrl-C, unless the fault ends it. Without --at and --do nothing is wrong
/// with it; each further --at with its --do is one more fault.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Where it goes wrong: pre_start, on_start, run, on_stop, post_stop, task or blocking_task.
    #[arg(long, value_name = "PLACE", requires = "faults")]
    at: Vec<Place>,

    /// What goes wrong: err, panic, hang, block, ignore_token, slow_drop or spawn_late. What cannot
    /// go wrong at that place is a hang.
    #[arg(long = "do", value_name = "FAULT", requires = "at")]
    faults: Vec<Fault>,

    /// How long the whole stop may take, such as 500ms or 3s; 25s by default.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) deadline_total: Option<Duration>,

    /// Exit with the codes of sysexits.h instead of 0 and 1.
    #[arg(long)]
    pub(crate) sysexits: bool,

    /// Write the service's log to stderr.
    #[arg(long)]
    pub(crate) log: bool,

    /// How many threads run the service's tasks.
    #[arg(long, value_name = "N", default_value = "2", value_parser = count)]
    pub(crate) workers: usize,
}

impl Cli {
    /// Reads the arguments; ends the program if they are wrong.
    pub(crate) fn read() -> Self {
        let cli = Self::parse();
        if cli.at.len() != cli.faults.len() {
            let text = "each --at needs one --do, and each --do one --at";
            let kind = clap::error::ErrorKind::WrongNumberOfValues;
            Self::command().error(kind, text).exit();
        }
        cli
    }

    pub(crate) fn plan(&self) -> FaultPlan {
        let pairs = self.at.iter().zip(&self.faults);
        pairs.fold(FaultPlan::new(), |plan, (place, fault)| {
            plan.with(*place, *fault)
        })
    }
}

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse::<NonZero<usize>>();
    count.map(NonZero::get).map_err(|error| error.to_string())
}

/// Reads `500ms`, `3s` or `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let begin = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(begin.unwrap_or(text.len()));
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return Err("a time is a number and `ms`, `s` or `m`, such as `500ms`".to_owned()),
    };
    let number = number.parse::<u32>().map_err(|error| error.to_string())?;
    Ok(Duration::from_millis(u64::from(number) * millis))
}
