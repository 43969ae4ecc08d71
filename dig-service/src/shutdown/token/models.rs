//! The interleavings of cancellations, every one of them, by loom.

use loom::thread;

use super::*;

/// INV-S1, INV-S2: one of two cancellations is the first; who sees the flip can read the reason.
#[test]
fn inv_s1_flip_comes_with_the_reason_of_the_first() {
    loom::model(|| {
        let token = ShutdownToken::new();
        let other = {
            let token = token.clone();
            thread::spawn(move || token.cancel(ShutdownReason::RpcRequested))
        };
        let reader = {
            let token = token.clone();
            thread::spawn(move || token.is_cancelled().then(|| token.reason()))
        };

        let was_first = token.cancel(ShutdownReason::UserRequested);

        assert_ne!(other.join().unwrap(), was_first);
        let reason = token.reason();
        let first = if was_first {
            ShutdownReason::UserRequested
        } else {
            ShutdownReason::RpcRequested
        };
        assert_eq!(reason, Some(first));
        if let Some(read) = reader.join().unwrap() {
            assert_eq!(read, reason);
        }
    });
}

/// INV-S2: a fatal reason is never lost, whoever comes first.
#[test]
fn inv_s2_fatal_reason_is_the_gravest_in_any_order() {
    loom::model(|| {
        let token = ShutdownToken::new();
        let failing = {
            let token = token.clone();
            thread::spawn(move || token.cancel(ShutdownReason::Fatal("disk".to_owned())))
        };

        token.cancel(ShutdownReason::UserRequested);

        failing.join().unwrap();
        let gravest = token.gravest_reason();
        assert_eq!(gravest, Some(ShutdownReason::Fatal("disk".to_owned())));
    });
}
