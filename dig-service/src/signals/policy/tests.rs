use super::*;

const INT: Signal = Signal::Stop;
const TERM: Signal = Signal::Stop;
const HUP: Signal = Signal::Hangup;

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Feeds signals at times, while a service runs that stops with the first.
fn decide(signals: &[(u64, Signal)]) -> Vec<Action> {
    let mut counter = Counter::default();
    let mut runs = Runs::Service;
    let mut decide = |&(millis, signal)| {
        let action = counter.decide(at(millis), signal, runs);
        if action != Action::Ignore {
            runs = Runs::Stopping;
        }
        action
    };
    signals.iter().map(&mut decide).collect()
}

#[test]
fn i10_graceful_then_hurry_then_force() {
    let actions = decide(&[(0, INT), (201, INT), (402, INT)]);

    assert_eq!(actions, [Action::Graceful, Action::Hurry, Action::Force]);
}

#[test]
fn int_and_term_share_one_count() {
    let actions = decide(&[(0, TERM), (300, INT), (600, TERM)]);

    assert_eq!(actions, [Action::Graceful, Action::Hurry, Action::Force]);
}

#[test]
fn repeat_within_200_ms_is_ignored_and_one_beyond_counts() {
    assert_eq!(
        decide(&[(0, INT), (200, INT)]),
        [Action::Graceful, Action::Ignore]
    );
    assert_eq!(
        decide(&[(0, INT), (201, INT)]),
        [Action::Graceful, Action::Hurry]
    );
    // An ignored repeat does not push the window on.
    assert_eq!(
        decide(&[(0, INT), (150, TERM), (300, INT)]),
        [Action::Graceful, Action::Ignore, Action::Hurry]
    );
}

#[test]
fn first_signal_while_stopping_for_another_reason_does_not_hurry() {
    let mut counter = Counter::default();

    assert_eq!(counter.decide(at(0), INT, Runs::Stopping), Action::Graceful);
    assert_eq!(counter.decide(at(300), INT, Runs::Stopping), Action::Hurry);
    assert_eq!(counter.decide(at(600), INT, Runs::Stopping), Action::Force);
}

#[test]
fn every_signal_during_main_abandons_it() {
    let mut counter = Counter::default();

    assert_eq!(counter.decide(at(0), INT, Runs::Main), Action::AbandonMain);
    assert_eq!(
        counter.decide(at(300), INT, Runs::Main),
        Action::AbandonMain
    );
    assert_eq!(
        counter.decide(at(301), HUP, Runs::Main),
        Action::AbandonMainToReload
    );
}

#[test]
fn i11_hangup_reloads_while_running_and_is_ignored_while_stopping() {
    let mut counter = Counter::default();

    assert_eq!(counter.decide(at(0), HUP, Runs::Service), Action::Reload);
    assert_eq!(counter.decide(at(1), HUP, Runs::Service), Action::Reload);
    assert_eq!(counter.decide(at(2), HUP, Runs::Stopping), Action::Ignore);
    // And it is no part of the count.
    assert_eq!(counter.decide(at(3), INT, Runs::Stopping), Action::Graceful);
}

/// A service that was never asked is forced down by the second signal it gets, because an
/// earlier service of the same program had one.
#[test]
fn count_starts_afresh_for_a_service_that_was_not_asked() {
    let mut counter = Counter::default();

    assert_eq!(counter.decide(at(0), INT, Runs::Service), Action::Graceful);
    // That service is over; `main` starts another.
    assert_eq!(
        counter.decide(at(9_000), INT, Runs::Service),
        Action::Graceful
    );
    assert_eq!(
        counter.decide(at(9_300), INT, Runs::Stopping),
        Action::Hurry
    );
}

/// A signal that comes when the service is over and `main` goes on does nothing.
#[test]
fn signal_after_the_service_abandons_main() {
    let mut counter = Counter::default();

    assert_eq!(counter.decide(at(0), INT, Runs::Service), Action::Graceful);
    // The service is over; `main` works on.
    assert_eq!(
        counter.decide(at(9_000), INT, Runs::Main),
        Action::AbandonMain
    );
}

#[test]
fn i11_quit_asks_for_a_report_and_is_no_part_of_the_count() {
    let mut counter = Counter::default();

    for runs in [Runs::Main, Runs::Service, Runs::Stopping] {
        assert_eq!(counter.decide(at(0), Signal::Quit, runs), Action::Report);
    }
    assert_eq!(counter.decide(at(1), INT, Runs::Service), Action::Graceful);
}
