//! Progress that extends a deadline (I30).

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::sync::Lock;

/// Deadlines of one service, moved by whoever reports progress. Without progress nothing moves.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: Lock<State>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    rule: Rule,
    /// When the whole stop must be over, as far as progress has not moved it.
    whole: Option<Instant>,
    /// When the present wait ends, if one is under way.
    until: Option<Instant>,
    /// By how much the deadlines have been moved, in all.
    extended: Duration,
    latest: Option<String>,
}

/// By how much a report may move a deadline, and how much all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) step: Duration,
    pub(crate) cap: Duration,
}

impl Rule {
    /// How much a report at `now` adds to a deadline.
    fn adds(self, now: Instant, until: Instant, extended: Duration) -> Duration {
        let wanted = now.checked_add(self.step).unwrap_or(until);
        let missing = wanted.saturating_duration_since(until);
        missing.min(self.cap.saturating_sub(extended))
    }
}

impl Progress {
    /// Begins anew: what was granted for a start does not count for the stop.
    pub(crate) fn begin(&self, rule: Rule, whole: Option<Instant>) {
        *self.state.lock() = State {
            rule,
            whole,
            ..State::default()
        };
    }

    /// Takes a report, and returns by how much it moves the deadline.
    pub(crate) fn report(&self, what: String) -> Duration {
        let mut state = self.state.lock();
        state.latest = Some(what);
        let Some(until) = state.until else {
            return Duration::ZERO;
        };
        let added = state.rule.adds(Instant::now(), until, state.extended);
        state.extended += added;
        state.until = until.checked_add(added);
        drop(state);
        if !added.is_zero() {
            self.moved.notify_waiters();
        }
        added
    }

    /// How long a supervisor must go on waiting: until the end of the stop, or of the present wait;
    /// where nothing bounds that, for a step from each report to the next.
    #[cfg_attr(
        not(all(unix, feature = "systemd")),
        expect(dead_code, reason = "only a view of the supervisor's asks")
    )]
    pub(crate) fn left(&self) -> Duration {
        let state = self.state.lock();
        let whole = state.whole.and_then(|w| w.checked_add(state.extended));
        match whole.or(state.until) {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => state.rule.step,
        }
    }

    /// How long is left of the stop, once it has begun and if it is limited.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn stop_left(&self) -> Option<Duration> {
        let state = self.state.lock();
        let whole = state.whole.and_then(|w| w.checked_add(state.extended))?;
        Some(whole.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn extended(&self) -> Duration {
        self.state.lock().extended
    }

    pub(crate) fn latest(&self) -> Option<String> {
        self.state.lock().latest.clone()
    }

    /// Waits until a deadline has passed, however often it is moved meanwhile.
    pub(crate) async fn passed(&self, base: Option<Instant>) {
        loop {
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            match self.enter(base) {
                None => std::future::pending().await,
                Some(until) => tokio::select! {
                    biased;
                    () = moved => {}
                    () = sleep_until(until) => return,
                },
            }
        }
    }

    /// Makes this the present wait; gives its end.
    fn enter(&self, base: Option<Instant>) -> Option<Instant> {
        let mut state = self.state.lock();
        state.until = base.and_then(|base| base.checked_add(state.extended));
        state.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        step: Duration::from_secs(5),
        cap: Duration::from_secs(12),
    };

    #[test]
    fn a_report_moves_the_deadline_to_one_step_from_now_and_not_beyond_the_cap() {
        let now = Instant::now();
        let second = Duration::from_secs;
        let adds = |left: u64, extended: u64| RULE.adds(now, now + second(left), second(extended));

        assert_eq!(adds(0, 0), second(5));
        assert_eq!(adds(3, 0), second(2));
        assert_eq!(adds(5, 0), Duration::ZERO);
        assert_eq!(adds(60, 0), Duration::ZERO);
        assert_eq!(adds(0, 10), second(2));
        assert_eq!(adds(0, 12), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn i30_progress_extends_a_wait_up_to_the_cap_and_silence_does_not() {
        let began = Instant::now();
        let progress = Progress::default();
        progress.begin(RULE, None);
        progress.passed(Some(began + Duration::from_secs(4))).await;
        assert_eq!(began.elapsed(), Duration::from_secs(4));

        let began = Instant::now();
        let reports = async {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                progress.report("a bit".to_owned());
            }
        };
        tokio::select! {
            () = progress.passed(Some(began + Duration::from_secs(4))) => {}
            () = reports => {}
        }

        assert_eq!(began.elapsed(), Duration::from_secs(4 + 12));
        assert_eq!(progress.extended(), RULE.cap);
        assert_eq!(progress.latest().as_deref(), Some("a bit"));
    }

    #[cfg(all(unix, feature = "systemd"))]
    #[tokio::test(start_paused = true)]
    async fn what_is_left_is_the_whole_stop_then_the_present_wait_then_a_step() {
        let now = Instant::now();
        let progress = Progress::default();
        progress.begin(RULE, None);
        assert_eq!(progress.left(), RULE.step);

        progress.enter(Some(now + Duration::from_secs(3)));
        assert_eq!(progress.left(), Duration::from_secs(3));
        progress.report("a bit".to_owned());
        assert_eq!(progress.left(), Duration::from_secs(5));

        progress.begin(RULE, Some(now + Duration::from_secs(25)));
        progress.enter(Some(now + Duration::from_secs(1)));
        progress.report("a bit".to_owned());
        assert_eq!(progress.left(), Duration::from_secs(25 + 4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_outside_a_wait_moves_nothing() {
        let progress = Progress::default();
        progress.begin(RULE, None);

        assert_eq!(progress.report("early".to_owned()), Duration::ZERO);
        assert_eq!(progress.extended(), Duration::ZERO);
    }
}
