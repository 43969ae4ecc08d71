//! The table, and what is wrong with its figures.

use std::fmt;
use std::time::Duration;

use crate::contestant::Contestant;
use crate::load::{CONNECTIONS, Cost};
use crate::options::Options;

/// What dig-service may cost, as a multiple of the floor.
const BUDGET: f64 = 1.10;

/// What every round found.
pub struct Figures {
    requests: usize,
    costs: Vec<(Contestant, Vec<Cost>)>,
}

/// The rounds of one contestant, in microseconds of CPU per request.
struct Line {
    median: f64,
    least: f64,
    most: f64,
    /// Requests in a second.
    rate: f64,
}

impl Figures {
    pub fn new(options: &Options) -> Self {
        Self {
            requests: options.requests,
            costs: Contestant::ALL.map(|one| (one, Vec::new())).into(),
        }
    }

    /// Adds one round of a contestant.
    pub fn add(&mut self, contestant: Contestant, cost: Cost) {
        for (one, costs) in &mut self.costs {
            if *one == contestant {
                costs.push(cost);
            }
        }
    }

    fn line(&self, contestant: Contestant) -> Option<Line> {
        let (_, costs) = self.costs.iter().find(|(one, _)| *one == contestant)?;
        let cpu = sorted(costs.iter().map(|cost| cost.cpu));
        let wall = sorted(costs.iter().map(|cost| cost.wall));
        Some(Line {
            median: *cpu.get(cpu.len() / 2)?,
            least: *cpu.first()?,
            most: *cpu.last()?,
            rate: 1e6 / wall.get(wall.len() / 2)?,
        })
    }

    /// The cost as a multiple of another's. Of each round, so that a change of the machine in the
    /// middle of the run is in both; then the median.
    fn ratio(&self, contestant: Contestant, beside: Contestant) -> f64 {
        let of = |one| self.costs.iter().find(move |(other, _)| *other == one);
        let Some(((_, ours), (_, theirs))) = of(contestant).zip(of(beside)) else {
            return f64::NAN;
        };
        let mut ratios: Vec<_> = ours
            .iter()
            .zip(theirs)
            .map(|(ours, theirs)| ours.cpu.as_secs_f64() / theirs.cpu.as_secs_f64())
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The budgets that are missed, in words.
    pub fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for (ours, other) in [
            (Contestant::DigService, Contestant::Jsonrpsee),
            (Contestant::DigServiceWs, Contestant::JsonrpseeWs),
        ] {
            let (name, floor, theirs) = (ours.name(), ours.floor(), other.name());
            let over_floor = self.ratio(ours, floor);
            if over_floor.is_nan() || over_floor > BUDGET {
                let floor = floor.name();
                missed.push(format!(
                    "{name} costs {over_floor:.3} of {floor}, budget {BUDGET:.2}"
                ));
            }
            let over_other = self.ratio(ours, other);
            if over_other.is_nan() || over_other >= 1.0 {
                missed.push(format!(
                    "{name} costs {over_other:.3} of {theirs}, it must be less"
                ));
            }
        }
        missed
    }
}

fn sorted(times: impl Iterator<Item = Duration>) -> Vec<f64> {
    let mut micros: Vec<_> = times.map(|time| time.as_secs_f64() * 1e6).collect();
    micros.sort_unstable_by(f64::total_cmp);
    micros
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.costs.first().map_or(0, |(_, costs)| costs.len());
        writeln!(
            f,
            "one of 32 methods, two named numbers, {CONNECTIONS} connections; \
             median of {rounds} rounds of {} requests, in turns\n",
            self.requests
        )?;
        writeln!(
            f,
            "| | | server's CPU per request | least to most | beside axum | requests/s |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for contestant in Contestant::ALL {
            let Some(line) = self.line(contestant) else {
                continue;
            };
            writeln!(
                f,
                "| {} | {} | {:.2} us | {:.2} to {:.2} us | {:.3} | {:.0} |",
                contestant.name(),
                contestant.transport().name(),
                line.median,
                line.least,
                line.most,
                self.ratio(contestant, contestant.floor()),
                line.rate,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of three rounds; the machine was half as fast in the second.
    fn figures(axum: u64, ours: u64, jsonrpsee: u64) -> Figures {
        let mut figures = Figures {
            requests: 1,
            costs: Contestant::ALL.map(|one| (one, Vec::new())).into(),
        };
        for slowness in [1, 2, 1] {
            for (contestant, micros) in [
                (Contestant::Axum, axum),
                (Contestant::AxumWs, axum),
                (Contestant::DigService, ours),
                (Contestant::DigServiceWs, ours),
                (Contestant::Jsonrpsee, jsonrpsee),
                (Contestant::JsonrpseeWs, jsonrpsee),
            ] {
                let time = Duration::from_micros(micros * slowness);
                figures.add(
                    contestant,
                    Cost {
                        cpu: time,
                        wall: time,
                    },
                );
            }
        }
        figures
    }

    #[test]
    fn a_budget_that_is_kept_is_not_missed() {
        assert!(figures(100, 110, 111).missed().is_empty());
    }

    #[test]
    fn each_budget_is_told_of_when_missed() {
        assert_eq!(figures(100, 111, 112).missed().len(), 2);
        assert_eq!(figures(100, 105, 105).missed().len(), 2);
        assert_eq!(figures(100, 120, 115).missed().len(), 4);
    }

    #[test]
    fn figures_of_nothing_miss_everything() {
        let mut figures = figures(1, 1, 1);
        figures.costs.clear();
        assert_eq!(figures.missed().len(), 4);
    }

    #[test]
    fn a_line_has_median_and_bounds_and_the_ratio_beside_axum() {
        let text = figures(100, 50, 200).to_string();
        assert!(
            text.contains("| dig-service | HTTP | 50.00 us | 50.00 to 100.00 us | 0.500 | 20000 |"),
            "{text}"
        );
    }
}
