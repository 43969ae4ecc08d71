//! How long each part of a stop may take.

use std::time::Duration;

use tokio::time::Instant;

use crate::tasks::Rule;

/// The time that the steps of a stop are given.
///
/// Each part has a share; together they are the total, 25 s by default (Kubernetes grants 30,
/// systemd 90). A part can use what earlier parts left over, never what later ones are due: a slow
/// task cannot spend the time of `on_stop`. A budget is an upper bound: a step that ends early ends
/// the wait.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::Deadlines;
///
/// let deadlines = Deadlines::default();
/// assert_eq!(deadlines.total(), Duration::from_secs(25));
///
/// let quick = deadlines.with_total(Duration::from_secs(5));
/// assert_eq!(quick.total(), Duration::from_secs(5));
/// ```
///
/// They can be read from configuration: see the `Deserialize` implementation for the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "deadlines do nothing until given to a builder"]
pub struct Deadlines {
    pub(crate) start: Option<Duration>,
    pub(crate) start_cancel_grace: Duration,
    pub(crate) rule: Rule,
    shares: [Duration; StopPart::COUNT],
}

/// The parts of a stop, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopPart {
    Drain,
    Run,
    Tasks,
    OnStop,
    Providers,
    PostStop,
    Cleanup,
}

impl StopPart {
    /// How many parts have a share; `cleanup` is given a part of that of `post_stop`.
    const COUNT: usize = 6;
}

/// The part of the last share that is kept for `cleanup`.
const CLEANUP_PART: u32 = 4;

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            start: None,
            start_cancel_grace: Duration::from_secs(2),
            rule: Rule {
                step: Duration::from_secs(5),
                cap: Duration::from_secs(30),
            },
            shares: [0, 5, 8, 6, 4, 2].map(Duration::from_secs),
        }
    }
}

impl Deadlines {
    /// Bounds `pre_start` and `on_start`, each; without it they may take for ever.
    pub const fn start(mut self, limit: Duration) -> Self {
        self.start = Some(limit);
        self
    }

    /// Sets how long a start hook may go on after a stop was requested, before its future is
    /// dropped; 2 s by default.
    pub const fn start_cancel_grace(mut self, grace: Duration) -> Self {
        self.start_cancel_grace = grace;
        self
    }

    /// Sets how long the service stays as it is, but not ready, before `run` is told to stop; 0 by
    /// default. Load balancers use this time to look elsewhere.
    pub const fn drain(self, share: Duration) -> Self {
        self.share(StopPart::Drain, share)
    }

    /// Sets how long `run` may take to return; 5 s by default. Then it is aborted.
    pub const fn run(self, share: Duration) -> Self {
        self.share(StopPart::Run, share)
    }

    /// Sets how long tasks and running calls may take to end; 8 s by default. Then they are
    /// aborted. The second that destructors may take lies inside the share.
    pub const fn tasks(self, share: Duration) -> Self {
        self.share(StopPart::Tasks, share)
    }

    /// Sets how long `on_stop` may take; 6 s by default. Then its future is dropped.
    pub const fn on_stop(self, share: Duration) -> Self {
        self.share(StopPart::OnStop, share)
    }

    /// Sets how long providers may take to shut down; 4 s by default.
    pub const fn providers(self, share: Duration) -> Self {
        self.share(StopPart::Providers, share)
    }

    /// Sets how long `post_stop` and `cleanup` may take together; 2 s by default. A quarter of it is
    /// kept for `cleanup`.
    pub const fn post_stop(self, share: Duration) -> Self {
        self.share(StopPart::PostStop, share)
    }

    /// Sets how a hook that reports progress is given more time: each report moves the deadline to
    /// at most `step` from then (5 s by default), all of them together by at most `cap` (30 s by
    /// default; zero turns extension off).
    pub const fn progress(mut self, step: Duration, cap: Duration) -> Self {
        self.rule = Rule { step, cap };
        self
    }

    /// Scales all shares of the stop so that they add up to `total`.
    pub fn with_total(mut self, total: Duration) -> Self {
        if self.total().is_zero() {
            self.shares = Self::default().shares;
        }
        self.scaled(total)
    }

    fn scaled(mut self, total: Duration) -> Self {
        let whole = self.total().as_nanos().max(1);
        let mut left = total;
        for share in &mut self.shares {
            let nanos = share.as_nanos().saturating_mul(total.as_nanos()) / whole;
            *share = u64::try_from(nanos)
                .map_or(Duration::MAX, Duration::from_nanos)
                .min(left);
            left -= *share;
        }
        // What rounding left over goes to the last part that has a share, so that the sum is exact.
        if let Some(last) = self.shares.iter_mut().rfind(|share| !share.is_zero()) {
            *last += left;
        }
        self
    }

    /// Returns the time that the whole stop may take.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.shares
            .iter()
            .fold(Duration::ZERO, |sum, share| sum.saturating_add(*share))
    }

    pub(crate) fn has_drain_delay(&self) -> bool {
        !self.shares[StopPart::Drain as usize].is_zero()
    }

    const fn share(mut self, part: StopPart, share: Duration) -> Self {
        self.shares[part as usize] = share;
        self
    }
}

/// The deadlines of one stop, counted from the moment it began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StopClock {
    began: Instant,
    deadlines: Deadlines,
}

impl StopClock {
    pub(crate) const fn new(began: Instant, deadlines: Deadlines) -> Self {
        Self { began, deadlines }
    }

    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    /// How long everything up to and including this part may take.
    pub(crate) fn budget(&self, part: StopPart) -> Duration {
        let shares = &self.deadlines.shares;
        let sum = |shares: &[Duration]| {
            shares
                .iter()
                .fold(Duration::ZERO, |sum, share| sum.saturating_add(*share))
        };
        match part {
            StopPart::Cleanup => sum(shares),
            StopPart::PostStop => {
                let share = shares[part as usize];
                sum(&shares[..part as usize]).saturating_add(share - share / CLEANUP_PART)
            }
            _ => sum(&shares[..=part as usize]),
        }
    }

    /// When a start hook must be over that the stop came upon: after its grace, which cannot spend
    /// the shares that are kept for the undo.
    pub(crate) fn start_hook_deadline(&self) -> Option<Instant> {
        let grace = self.deadlines.start_cancel_grace;
        self.began
            .checked_add(grace.min(self.budget(StopPart::Tasks)))
    }

    /// When this part must be over: the sum of the shares up to it, so that unspent time flows
    /// forward and later shares stay untouched (I26). `None` is beyond what the clock can tell.
    pub(crate) fn deadline(&self, part: StopPart) -> Option<Instant> {
        self.began.checked_add(self.budget(part))
    }
}

mod config;

pub use self::config::InvalidDeadlines;

#[cfg(test)]
mod tests;
