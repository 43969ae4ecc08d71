use super::*;

/// Spawns a task that protects a section of this length and writes down that it got through.
fn writer(tasks: &TaskRegistry, length: Duration) -> (tokio::task::AbortHandle, Arc<AtomicUsize>) {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let handle = tasks.spawn_with("writer", LOOP, |cx| async move {
        {
            let _outer = cx.protect();
            let _inner = cx.clone().protect();
            tokio::time::sleep(length).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
        std::future::pending().await
    });
    (handle, written)
}

#[tokio::test(start_paused = true)]
async fn i21_protected_section_is_finished_before_the_abort() {
    let tasks = registry();
    let (_, written) = writer(&tasks, Duration::from_millis(400));
    tokio::task::yield_now().await;
    let began = Instant::now();

    let failure = tasks.join_all(Duration::ZERO).await.unwrap_err();

    assert!(matches!(
        failure,
        ServiceError::ShutdownDeadlineExceeded { pending: 1, .. }
    ));
    assert_eq!(written.load(Ordering::SeqCst), 1);
    // The abort came with the end of the section.
    assert_eq!(began.elapsed(), Duration::from_millis(400));
    assert_eq!(counts(&tasks), [1, 0, 0, 0, 0, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn i21_section_beyond_the_budget_is_aborted_after_all() {
    let tasks = registry();
    let (_, written) = writer(&tasks, Duration::from_secs(60));
    tokio::task::yield_now().await;
    let began = Instant::now();

    let _ = tasks.join_all(Duration::ZERO).await;

    assert_eq!(written.load(Ordering::SeqCst), 0);
    assert_eq!(began.elapsed(), Duration::from_millis(750));
    assert!(tasks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn handle_in_the_users_hand_knows_no_section() {
    let tasks = registry();
    let (handle, written) = writer(&tasks, Duration::from_secs(1));
    tokio::task::yield_now().await;

    handle.abort();
    tasks.idle_by(None).await;

    assert_eq!(written.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn task_outside_its_section_is_aborted_at_once() {
    let tasks = registry();
    let (_, written) = writer(&tasks, Duration::from_millis(10));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let began = Instant::now();

    tasks.abort_all();
    tasks.idle_by(None).await;

    assert_eq!(written.load(Ordering::SeqCst), 1);
    assert_eq!(began.elapsed(), Duration::ZERO);
}
