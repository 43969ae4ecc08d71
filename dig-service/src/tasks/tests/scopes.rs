use super::*;

#[tokio::test]
async fn scope_is_part_of_its_parent_and_can_be_joined_alone() {
    let tasks = registry();
    let peers = tasks.scope("peers");
    peers.spawn("conn", TaskKind::PeerConnection, std::future::pending());
    tasks.spawn("loop", LOOP, std::future::pending());
    assert_eq!((tasks.len(), peers.len()), (2, 1));
    assert_eq!(peers.snapshot()[0].scope, "peers");

    let failure = peers.join_all(Duration::ZERO).await.unwrap_err();

    assert!(matches!(
        failure,
        ServiceError::ShutdownDeadlineExceeded { pending: 1, .. }
    ));
    assert_eq!((tasks.len(), peers.len()), (1, 0));
    assert!(peers.try_spawn("conn", LOOP, async { Ok(()) }).is_err());
    assert!(tasks.try_spawn("other", LOOP, async { Ok(()) }).is_ok());
}

#[tokio::test]
async fn closing_the_parent_closes_and_stops_its_scopes() {
    let tasks = registry();
    let inner = tasks.scope("outer").scope("inner");
    let token = inner.shutdown().clone();
    inner.spawn("conn", LOOP, async move {
        token.cancelled().await;
        Ok(())
    });

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(5)).await.unwrap();

    assert!(inner.is_empty());
    assert!(inner.try_spawn("late", LOOP, async { Ok(()) }).is_err());
}

#[tokio::test]
async fn framework_scope_is_in_the_full_listing_only() {
    let tasks = registry();
    let framework = tasks.framework_scope("transports", ShutdownToken::new());
    framework.spawn("accept", TaskKind::RpcHandler, std::future::pending());

    assert!(tasks.is_empty() && tasks.snapshot().is_empty());
    assert_eq!(tasks.snapshot_all().len(), 1);
    tasks.join_all(Duration::ZERO).await.unwrap();
    assert_eq!(framework.len(), 1);
    assert!(framework.try_spawn("more", LOOP, async { Ok(()) }).is_ok());
}

#[tokio::test]
async fn part_of_a_framework_scope_takes_tasks_after_the_token_has_fired() {
    let token = ShutdownToken::new();
    let tasks = TaskRegistry::with_journal(token.clone(), crate::event::Journal::new());
    let inner = tasks.framework_scope("transports", ShutdownToken::new());
    let inner = inner.scope("rpc_http");

    token.cancel(ShutdownReason::UserRequested);

    assert!(inner.try_spawn("conn", LOOP, async { Ok(()) }).is_ok());
    let refused = tasks.try_spawn("late", LOOP, async { Ok(()) }).unwrap_err();
    assert_eq!(refused.phase, Phase::Draining);
    let drain = TaskOptions::new(LOOP).drain_work();
    assert!(tasks.try_spawn("flush", drain, async { Ok(()) }).is_ok());
}
