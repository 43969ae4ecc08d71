use super::*;

fn fatal(text: &str) -> ShutdownReason {
    ShutdownReason::Fatal(text.to_owned())
}

#[test]
fn fresh_token_has_no_reason() {
    let token = ShutdownToken::new();

    assert!(!token.is_cancelled());
    assert_eq!(token.reason(), None);
}

#[test]
fn second_cancel_keeps_first_reason() {
    let token = ShutdownToken::new();

    assert!(token.cancel(ShutdownReason::UserRequested));
    assert!(!token.cancel(ShutdownReason::RpcRequested));

    assert_eq!(token.reason(), Some(ShutdownReason::UserRequested));
}

#[test]
fn later_fatal_raises_severity_but_not_the_reason() {
    let token = ShutdownToken::new();
    token.cancel(ShutdownReason::UserRequested);

    token.cancel(fatal("disk gone"));
    token.cancel(fatal("and more"));
    token.cancel(ShutdownReason::RpcRequested);

    assert_eq!(token.reason(), Some(ShutdownReason::UserRequested));
    assert_eq!(token.gravest_reason(), Some(fatal("disk gone")));
}

#[test]
fn first_fatal_is_not_replaced_by_a_later_one() {
    let token = ShutdownToken::new();
    token.cancel(fatal("first"));
    token.cancel(fatal("second"));

    assert_eq!(token.gravest_reason(), Some(fatal("first")));
}

#[test]
fn child_inherits_flip_and_reason() {
    let parent = ShutdownToken::new();
    let child = parent.child_token();
    let grandchild = child.child_token();

    parent.cancel(ShutdownReason::ReloadRequested);

    assert!(grandchild.is_cancelled());
    assert_eq!(grandchild.reason(), Some(ShutdownReason::ReloadRequested));
    assert!(!child.cancel(ShutdownReason::RpcRequested));
    assert_eq!(child.reason(), Some(ShutdownReason::ReloadRequested));
}

#[test]
fn child_cancel_leaves_parent_and_sibling_alone() {
    let parent = ShutdownToken::new();
    let child = parent.child_token();
    let sibling = parent.child_token();

    assert!(child.cancel(ShutdownReason::RpcRequested));

    assert_eq!(child.reason(), Some(ShutdownReason::RpcRequested));
    assert!(!parent.is_cancelled() && !sibling.is_cancelled());
    assert_eq!(parent.reason(), None);
}

#[tokio::test]
async fn cancelled_returns_once_cancelled_and_reason_is_readable() {
    let token = ShutdownToken::new();
    let waiter = token.clone();

    let seen = async {
        waiter.cancelled().await;
        waiter.reason()
    };
    let flip = async { token.cancel(ShutdownReason::RequestedByRun) };
    let (seen, _) = tokio::join!(seen, flip);

    assert_eq!(seen, Some(ShutdownReason::RequestedByRun));
}

#[test]
fn whoever_sees_the_flip_reads_the_reason_on_threads() {
    for _ in 0..200 {
        let token = ShutdownToken::new();
        let watcher = token.clone();
        let seen = std::thread::spawn(move || {
            while !watcher.is_cancelled() {
                std::hint::spin_loop();
            }
            watcher.reason()
        });
        token.cancel(ShutdownReason::UserRequested);
        assert_eq!(seen.join().unwrap(), Some(ShutdownReason::UserRequested));
    }
}

/// INV-S3. During a drain delay the parent has a reason and is not cancelled; a child that is
/// cancelled then loses its own reason.
#[test]
fn child_cancelled_during_the_drain_delay_keeps_its_own_reason() {
    let parent = ShutdownToken::new();
    let child = parent.child_token();
    parent.announce(ShutdownReason::UserRequested);

    assert!(child.cancel(ShutdownReason::Fatal("peer misbehaves".to_owned())));

    let own = Some(ShutdownReason::Fatal("peer misbehaves".to_owned()));
    assert_eq!(child.reason(), own);
}
