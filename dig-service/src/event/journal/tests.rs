use super::*;
use crate::event::Lagged;

fn late(name: &'static str) -> EventKind {
    EventKind::TaskLate { name }
}

async fn sequence(events: &mut EventSubscription) -> u64 {
    events.next().await.expect("open").expect("no lag").sequence
}

#[tokio::test]
async fn replay_then_live_shows_every_event_once() {
    let journal = Journal::new();
    journal.record(late("a"));
    journal.record(late("b"));

    let mut events = journal.subscribe_after(1);
    journal.record(late("c"));

    assert_eq!(sequence(&mut events).await, 2);
    assert_eq!(sequence(&mut events).await, 3);
}

#[tokio::test]
async fn plain_subscription_sees_only_what_comes() {
    let journal = Journal::new();
    journal.record(late("a"));

    let mut events = journal.subscribe();
    journal.record(late("b"));

    assert_eq!(sequence(&mut events).await, 2);
}

#[tokio::test]
async fn ring_is_bounded_and_says_what_it_forgot() {
    let journal = Journal::new();
    for _ in 0..KEPT + 10 {
        journal.record(late("a"));
    }

    let mut events = journal.subscribe_after(0);

    assert_eq!(
        events.next().await.unwrap().unwrap_err(),
        Lagged { dropped: 10 }
    );
    assert_eq!(sequence(&mut events).await, 11);
}

#[tokio::test]
async fn slow_reader_gets_a_marker_and_goes_on() {
    let journal = Journal::new();
    let mut events = journal.subscribe();
    for _ in 0..BEHIND + 5 {
        journal.record(late("a"));
    }

    assert_eq!(
        events.next().await.unwrap().unwrap_err(),
        Lagged { dropped: 5 }
    );
    assert_eq!(sequence(&mut events).await, 6);
}

#[tokio::test]
async fn ends_when_the_journal_is_gone() {
    let journal = Journal::new();
    let mut events = journal.subscribe();

    drop(journal);

    assert!(events.next().await.is_none());
}

/// "Subscribes to the journal after a sequence number".
#[tokio::test]
async fn reader_after_a_number_to_come_gets_nothing_before_it() {
    let journal = Journal::new();
    let mut events = journal.subscribe_after(2);
    for _ in 0..3 {
        journal.record(late("a"));
    }

    assert_eq!(sequence(&mut events).await, 3);
}
