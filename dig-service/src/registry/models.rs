//! The gate's interleavings, every one of them, by loom.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::registry::{Closed, Gate};

#[derive(Default)]
struct Flag(std::sync::atomic::AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// INV-G1: two that enter at once never both get the last place.
#[test]
fn inv_g1_never_more_than_max_are_inside() {
    loom::model(|| {
        let gate = Gate::new(1);
        let is_inside = Arc::new(AtomicBool::new(false));
        let visit = |gate: &Gate, is_inside: &AtomicBool| {
            if let Some(_permit) = gate.try_enter() {
                assert!(!is_inside.swap(true, Ordering::SeqCst), "two are inside");
                is_inside.store(false, Ordering::SeqCst);
            }
        };
        let other = {
            let (gate, is_inside) = (gate.clone(), Arc::clone(&is_inside));
            thread::spawn(move || visit(&gate, &is_inside))
        };

        visit(&gate, &is_inside);

        other.join().unwrap();
        assert_eq!(gate.inside(), 0);
    });
}

/// INV-G2: a waiter is let in, or woken, when a place becomes free.
#[test]
fn inv_g2_waiter_is_let_in_or_woken() {
    loom::model(|| {
        let gate = Gate::new(1);
        let permit = gate.try_enter().unwrap();
        let leaver = thread::spawn(move || drop(permit));
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut entering = pin!(gate.enter());

        let polled = entering.as_mut().poll(&mut Context::from_waker(&waker));

        leaver.join().unwrap();
        if polled.is_pending() {
            assert!(flag.0.load(Ordering::SeqCst), "nobody wakes the waiter");
            let again = entering.poll(&mut Context::from_waker(&waker));
            assert!(matches!(again, Poll::Ready(Ok(_))));
        }
    });
}

/// INV-G3: a waiter that meets a close is told, whichever comes first.
#[test]
fn inv_g3_close_wakes_every_waiter() {
    loom::model(|| {
        let gate = Gate::new(1);
        let _permit = gate.try_enter().unwrap();
        let closer = {
            let gate = gate.clone();
            thread::spawn(move || gate.shut())
        };
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut entering = pin!(gate.enter());

        let polled = entering.as_mut().poll(&mut Context::from_waker(&waker));

        closer.join().unwrap();
        if polled.is_pending() {
            assert!(flag.0.load(Ordering::SeqCst), "nobody wakes the waiter");
            let again = entering.poll(&mut Context::from_waker(&waker));
            assert!(matches!(again, Poll::Ready(Err(Closed))));
        }
    });
}

/// INV-G4: who waits for the last to leave sees it, or is woken by it.
#[test]
fn inv_g4_last_to_leave_is_seen_or_wakes() {
    loom::model(|| {
        let gate = Gate::new(2);
        let permits = [gate.try_enter().unwrap(), gate.try_enter().unwrap()];
        let leavers = permits.map(|permit| thread::spawn(move || drop(permit)));
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut drained = pin!(gate.drained());

        let polled = drained.as_mut().poll(&mut Context::from_waker(&waker));

        for leaver in leavers {
            leaver.join().unwrap();
        }
        if polled.is_pending() {
            assert!(flag.0.load(Ordering::SeqCst), "nobody wakes the waiter");
            let again = drained.poll(&mut Context::from_waker(&waker));
            assert!(again.is_ready());
        }
    });
}
