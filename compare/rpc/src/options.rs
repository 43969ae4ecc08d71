//! The command line.

use anyhow::{Context, bail};

use crate::contestant::Contestant;

/// What the process is for.
pub enum Task {
    /// To be a server, until stdin is closed.
    Serve(Contestant),
    /// To start the servers and measure them.
    Measure(Options),
}

/// How to measure.
pub struct Options {
    /// How often each server has its turn. Many short turns rather than a few long ones: other work on
    /// the machine comes and goes within seconds, and is to be in neighbouring turns alike.
    pub rounds: usize,
    /// The requests of a turn, without those that warm up.
    pub requests: usize,
    /// Whether a missed budget is a failure.
    pub is_checked: bool,
}

impl Options {
    /// Reads the arguments, without the program's name.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Task> {
        let mut options = Self {
            rounds: 41,
            requests: 20_000,
            is_checked: false,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.with_context(|| format!("`{argument}` needs a value"))
            };
            match argument.as_str() {
                "serve" => return Contestant::read(&value()?).map(Task::Serve),
                "--rounds" => options.rounds = positive(&value()?)?,
                "--requests" => options.requests = positive(&value()?)?,
                "--check" => options.is_checked = true,
                _ => bail!("`{argument}`: there are `--rounds N`, `--requests N` and `--check`"),
            }
        }
        Ok(Task::Measure(options))
    }
}

fn positive(text: &str) -> anyhow::Result<usize> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => bail!("`{text}` is not a positive number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> anyhow::Result<Task> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_server_is_called_by_its_name() {
        for contestant in Contestant::ALL {
            let task = read(&format!("serve {}", contestant.name()));
            assert!(matches!(task, Ok(Task::Serve(one)) if one == contestant));
        }
        assert!(read("serve nobody").is_err());
        assert!(read("serve").is_err());
    }

    #[test]
    fn what_is_not_given_has_a_default() {
        let task = read("--rounds 3 --check");
        let is_as_told = matches!(
            task,
            Ok(Task::Measure(Options {
                rounds: 3,
                requests: 20_000,
                is_checked: true
            }))
        );
        assert!(is_as_told);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["--rounds", "--rounds 0", "--requests x", "--fast"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
