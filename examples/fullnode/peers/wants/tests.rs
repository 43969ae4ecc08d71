//! Tables of events and the commands that follow.

use std::time::Duration;

use super::Command::{More, Request};
use super::*;
use crate::peers::PAGE;

const A: PeerId = [0xa; 32];
const B: PeerId = [0xb; 32];

fn hash(number: u16) -> BlobHash {
    BlobHash::of(&number.to_be_bytes())
}

fn hashes(count: u16) -> Vec<BlobHash> {
    (0..count).map(hash).collect()
}

fn connected() -> (Wants, Instant) {
    let mut wants = Wants::default();
    let now = Instant::now();
    wants.connected(A, now);
    wants.connected(B, now);
    (wants, now)
}

#[test]
fn what_is_announced_and_missing_is_asked_for() {
    let (mut wants, now) = connected();

    let commands = wants.announced(A, &[hash(1)], now);

    assert_eq!(commands, Ok(vec![Request(A, hash(1)), More(A)]));
}

#[test]
fn nothing_missing_lets_the_peer_go_on() {
    let (mut wants, now) = connected();

    assert_eq!(wants.announced(A, &[], now), Ok(vec![More(A)]));
}

#[test]
fn a_blob_is_asked_of_one_peer_at_a_time() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1)], now).unwrap();

    assert_eq!(wants.announced(B, &[hash(1)], now), Ok(vec![More(B)]));
}

#[test]
fn the_window_bounds_what_is_asked_at_once_and_moves_as_blobs_are_stored() {
    let (mut wants, now) = connected();

    let commands = wants.announced(A, &hashes(20), now).unwrap();
    let asked = commands.iter().filter(|c| matches!(c, Request(..)));
    assert_eq!(asked.count(), WINDOW);

    wants.arrived(A, hash(0)).unwrap();
    assert_eq!(wants.stored(hash(0), now), [Request(A, hash(16))]);
}

#[test]
fn a_peer_announces_more_when_little_is_left() {
    let (mut wants, now) = connected();
    let page = hashes(PAGE as u16);

    let commands = wants.announced(A, &page, now).unwrap();
    assert!(!commands.contains(&More(A)));

    for (index, hash) in page.iter().enumerate() {
        wants.arrived(A, *hash).unwrap();
        let may = wants.stored(*hash, now).contains(&More(A));
        assert_eq!(may, index + 1 == PAGE - LOW_WATER, "after {}", index + 1);
    }
    assert_eq!(wants.len(), 0);
}

#[test]
fn an_announcement_out_of_turn_is_a_violation() {
    let (mut wants, now) = connected();
    wants.announced(A, &hashes(PAGE as u16), now).unwrap();

    assert!(wants.announced(A, &[hash(1)], now).is_err());
}

#[test]
fn a_blob_that_was_not_asked_for_or_comes_twice_is_a_violation() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1)], now).unwrap();

    assert!(wants.arrived(A, hash(2)).is_err());
    assert!(wants.arrived(B, hash(1)).is_err());
    assert!(wants.arrived(A, hash(1)).is_ok());
    assert!(wants.arrived(A, hash(1)).is_err());
    assert!(wants.absent(A, hash(1), now).is_err());
}

#[test]
fn when_a_peer_does_not_have_it_the_next_is_asked() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1)], now).unwrap();
    wants.announced(B, &[hash(1)], now).unwrap();

    assert_eq!(wants.absent(A, hash(1), now), Ok(vec![Request(B, hash(1))]));
    assert_eq!(wants.absent(B, hash(1), now), Ok(vec![]));
    assert_eq!(wants.len(), 0);
}

#[test]
fn when_a_peer_goes_others_are_asked_and_the_rest_is_forgotten() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1), hash(2)], now).unwrap();
    wants.announced(B, &[hash(2)], now).unwrap();

    assert_eq!(wants.gone(A, now), [Request(B, hash(2))]);
    assert_eq!(wants.len(), 1);

    wants.connected(A, now);
    let commands = wants.announced(A, &[hash(1)], now);
    assert_eq!(commands, Ok(vec![Request(A, hash(1)), More(A)]));
}

#[test]
fn an_overdue_blob_is_asked_of_another_and_the_late_answer_still_counts() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1)], now).unwrap();
    wants.announced(B, &[hash(1)], now).unwrap();
    let almost = now + REQUEST_PATIENCE - Duration::from_millis(1);
    let late = now + REQUEST_PATIENCE;

    assert_eq!(wants.overdue(almost), []);
    assert_eq!(wants.overdue(late), [Request(B, hash(1))]);
    assert_eq!(wants.overdue(late + REQUEST_PATIENCE), []);

    assert_eq!(wants.arrived(A, hash(1)), Ok(()));
    assert_eq!(wants.stored(hash(1), late), []);
    assert_eq!(wants.arrived(B, hash(1)), Ok(()));
    assert_eq!(wants.stored(hash(1), late), []);
    assert_eq!(wants.len(), 0);
}

#[test]
fn a_peer_that_never_answers_is_not_buried() {
    let (mut wants, now) = connected();
    wants.announced(A, &hashes(100), now).unwrap();

    for number in 0..100 {
        wants.announced(B, &[hash(number)], now).unwrap();
    }
    // B serves everything it is asked for, first what A does not get to, then what A is late with.
    let mut late = now;
    let mut open: VecDeque<_> = hashes(100).into();
    while let Some(hash) = open.pop_front() {
        if wants.arrived(B, hash).is_ok() {
            wants.stored(hash, late);
        } else if wants.wanted.contains_key(&hash) {
            open.push_back(hash);
            late += REQUEST_PATIENCE;
            wants.overdue(late);
        }
    }

    assert_eq!(wants.len(), 0);
    assert_eq!(wants.peers[&A].transfers.len(), WINDOW);
}

#[test]
fn what_could_not_be_stored_is_given_up_until_it_is_announced_again() {
    let (mut wants, now) = connected();
    wants.announced(A, &[hash(1)], now).unwrap();
    wants.arrived(A, hash(1)).unwrap();

    assert_eq!(wants.failed(hash(1), now), []);
    assert_eq!(wants.len(), 0);
}
