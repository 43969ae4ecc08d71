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
    /// QUIT.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no such signal"))]
    Quit,
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
    /// The same for a HUP: a service that `main` starts in time is asked to reload.
    AbandonMainToReload,
    Graceful,
    Hurry,
    /// Tell where each service stands.
    Report,
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
            (Signal::Hangup, Runs::Main) => Action::AbandonMainToReload,
            (Signal::Hangup, Runs::Service) => Action::Reload,
            (Signal::Hangup, Runs::Stopping) => Action::Ignore,
            (Signal::Quit, _) => Action::Report,
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
        // The count is that of one stop: whoever was not asked yet is asked, not hurried.
        self.stops = match runs {
            Runs::Main | Runs::Service => 1,
            Runs::Stopping => self.stops.saturating_add(1),
        };
        match (runs, self.stops) {
            (Runs::Main, _) => Action::AbandonMain,
            (Runs::Service, _) | (Runs::Stopping, 0 | 1) => Action::Graceful,
            (Runs::Stopping, 2) => Action::Hurry,
            (Runs::Stopping, 3..) => Action::Force,
        }
    }
}

#[cfg(test)]
mod tests;
