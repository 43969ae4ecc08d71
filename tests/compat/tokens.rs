//! Tokens and registries used on their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dig_service::{
    CancellationToken, JoinHandle, ServiceError, ShutdownReason, ShutdownToken, TaskKind,
    TaskRegistry,
};

#[test]
fn clones_share_one_flip_and_one_reason() {
    let token = ShutdownToken::default();
    let (one, other) = (token.clone(), token.clone());

    one.cancel(ShutdownReason::RpcRequested);
    other.cancel(ShutdownReason::UserRequested);

    assert!(other.is_cancelled());
    assert!(matches!(token.reason(), Some(ShutdownReason::RpcRequested)));
}

#[tokio::test]
async fn child_follows_parent_and_not_the_other_way() {
    let parent = ShutdownToken::new();
    let child = parent.child_token();
    child.child_token().cancel(ShutdownReason::UserRequested);
    assert!(!child.is_cancelled() && !parent.is_cancelled());

    parent.cancel(ShutdownReason::ReloadRequested);
    child.cancelled().await;
    assert!(matches!(
        child.reason(),
        Some(ShutdownReason::ReloadRequested)
    ));
}

#[tokio::test]
async fn registry_lists_and_joins() {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    assert!(tasks.is_empty());
    let handle: tokio::task::AbortHandle =
        tasks.spawn("quick", TaskKind::RpcHandler, async { Ok(()) });
    let summary = &tasks.snapshot()[0];
    assert_eq!(
        (summary.name, summary.kind),
        ("quick", TaskKind::RpcHandler)
    );
    let _: std::time::Instant = summary.spawned_at;

    assert!(tasks.join_all(Duration::from_secs(5)).await.is_ok());
    assert!(handle.is_finished());
    assert_eq!(tasks.len(), 0);
}

#[tokio::test]
async fn stuck_task_exceeds_the_deadline() {
    let token = ShutdownToken::new();
    let tasks = TaskRegistry::new(token.clone());
    tasks.spawn("stuck", TaskKind::BackgroundLoop, async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    });
    token.cancel(ShutdownReason::UserRequested);

    let error = tasks.join_all(Duration::from_millis(30)).await.unwrap_err();

    assert!(matches!(
        error,
        ServiceError::ShutdownDeadlineExceeded { pending: 1, .. }
    ));
}

#[tokio::test]
async fn clones_of_a_registry_share_its_tasks() {
    let done = Arc::new(AtomicUsize::new(0));
    let tasks = TaskRegistry::new(ShutdownToken::new());
    for _ in 0..3 {
        let (done, token) = (done.clone(), tasks.shutdown().clone());
        tasks
            .clone()
            .spawn("bg", TaskKind::BackgroundLoop, async move {
                token.cancelled().await;
                done.fetch_add(1, Ordering::SeqCst);
                Ok(())
            });
    }

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(5)).await.unwrap();

    assert_eq!(done.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn tokio_types_are_exported() {
    let token: CancellationToken = CancellationToken::new();
    token.cancel();
    let handle: JoinHandle<()> = tokio::spawn(async {});
    handle.await.unwrap();
}
