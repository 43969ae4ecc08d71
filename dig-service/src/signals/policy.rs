//! What a signal means: a decision without a clock or a thread in it.

use std::time::Duration;

/// Repeats within this time are one signal.
const REPEAT: Duration = Duration::from_millis(200);

/// A signal that is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// INT, TERM or Ctrl-C.
    Stop,
    /// HUP.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no such signal"))]
    Hangup,
}

/// What runs when a signal comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// The user's `main`, and no service.
    Main,
    /// A service that has not been asked to stop.
    Service,
    /// A service on its way down.
    Stopping,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Ignore,
    /// Drop `main`, then do what the signal does by default.
    AbandonMain,
    Graceful,
    Hurry,
    /// End the process with 128 + n.
    Force,
    Reload,
}

/// Counts the signals that ask for a stop.
#[derive(Debug, Default)]
pub(super) struct Counter {
    stops: u32,
    last: Option<Duration>,
}

impl Counter {
    /// Decides about a signal that comes at `now`, counted from any fixed moment.
    pub(super) fn decide(&mut self, now: Duration, signal: Signal, runs: Runs) -> Action {
        match (signal, runs) {
            (Signal::Stop, _) => self.stop(now, runs),
            (Signal::Hangup, Runs::Main) => Action::AbandonMain,
            (Signal::Hangup, Runs::Service) => Action::Reload,
            (Signal::Hangup, Runs::Stopping) => Action::Ignore,
        }
    }

    fn stop(&mut self, now: Duration, runs: Runs) -> Action {
        if self
            .last
            .is_some_and(|last| now.saturating_sub(last) <= REPEAT)
        {
            return Action::Ignore;
        }
        self.last = Some(now);
        self.stops += 1;
        match (self.stops, runs) {
            (1, Runs::Main) => Action::AbandonMain,
            // The first signal, or one that finds the service running for whatever reason.
            (1, _) | (2, Runs::Service) => Action::Graceful,
            (2, _) => Action::Hurry,
            (3.., _) => Action::Force,
            (0, _) => Action::Ignore,
        }
    }
}

#[cfg(test)]
mod tests;
