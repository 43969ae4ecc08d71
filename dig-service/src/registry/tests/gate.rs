//! Admission.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use super::*;

#[tokio::test]
async fn gate_lets_max_in_and_one_more_when_one_leaves() {
    let gate = Gate::new(2);
    let first = gate.enter().await.unwrap();
    let _second = gate.try_enter().unwrap();
    assert!(gate.try_enter().is_none());
    assert_eq!(gate.inside(), 2);
    let waiter = gate.clone();
    let waiting = async move { waiter.enter().await.unwrap() };
    let leaving = async move {
        tokio::task::yield_now().await;
        drop(first);
    };

    let (third, ()) = tokio::join!(waiting, leaving);

    assert_eq!(gate.inside(), 2);
    drop(third);
}

#[tokio::test(start_paused = true)]
async fn waiters_before_during_and_after_close_all_wake() {
    let gate = Gate::new(1);
    let permit = gate.enter().await.unwrap();
    let before = gate.clone();
    let before = async move { before.enter().await.map(drop) };
    let during = async {
        let drained = gate.close(Duration::from_secs(1)).await;
        (drained.remaining, gate.enter().await.map(drop))
    };

    let (before, (remaining, after)) = tokio::join!(before, during);

    assert_eq!((before, after), (Err(Closed), Err(Closed)));
    assert_eq!(remaining, 1);
    assert!(gate.is_closed() && gate.try_enter().is_none());
    drop(permit);
    gate.drained().await;
    assert_eq!(gate.close(Duration::ZERO).await.remaining, 0);
}

#[tokio::test(start_paused = true)]
async fn close_ends_with_the_last_to_leave() {
    let gate = Gate::new(3);
    let permits: Vec<_> = (0..3).filter_map(|_| gate.try_enter()).collect();
    let began = tokio::time::Instant::now();
    let leaving = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(permits);
    };

    let (drained, ()) = tokio::join!(gate.close(Duration::from_secs(60)), leaving);

    assert_eq!(drained.remaining, 0);
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

#[test]
fn waiter_that_is_dropped_passes_its_turn_on() {
    let gate = Gate::new(1);
    let permit = gate.try_enter().unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut second = pin!(gate.enter());
    assert!(second.as_mut().poll(&mut context).is_pending());
    {
        let mut first = Box::pin(gate.enter());
        assert!(first.as_mut().poll(&mut context).is_pending());
        drop(permit);
    }

    assert!(second.poll(&mut context).is_ready());
}

#[tokio::test]
async fn group_counts_without_a_bound() {
    let group = GuardGroup::new();
    let guards: Vec<_> = (0..1000).map(|_| group.enter().unwrap()).collect();
    assert_eq!(group.inside(), 1000);
    assert_eq!(group.close(Duration::ZERO).await.remaining, 1000);
    assert!(group.is_closed() && group.enter().is_err());
    drop(guards);
    group.drained().await;
}

#[test]
#[should_panic(expected = "at least one")]
fn gate_for_nobody_is_refused() {
    let _ = Gate::new(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_max_are_inside() {
    let gate = Gate::new(3);
    let most = Arc::new(AtomicUsize::new(0));
    let inside = Arc::new(AtomicUsize::new(0));
    let tasks = crate::TaskRegistry::new(crate::ShutdownToken::new());
    for _ in 0..64 {
        let (gate, most, inside) = (gate.clone(), Arc::clone(&most), Arc::clone(&inside));
        tasks.spawn("visitor", crate::TaskKind::Maintenance, async move {
            for _ in 0..50 {
                let _permit = gate.enter().await?;
                let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            }
            Ok(())
        });
    }

    tasks.join_all(Duration::from_secs(30)).await.unwrap();

    assert_eq!(tasks.counts().completed, 64);
    assert!(most.load(Ordering::SeqCst) <= 3);
    assert_eq!(gate.inside(), 0);
}
