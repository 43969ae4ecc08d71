//! The end of a tree.

use super::*;

#[tokio::test(start_paused = true)]
async fn stubborn_children_take_one_budget_together_and_are_named() {
    let tasks = tasks();
    let mut supervisor = Supervisor::new().child(patient("kind"));
    for name in ["a", "b", "c", "d"] {
        supervisor = supervisor.child(stubborn(name));
    }
    let handle = start(supervisor, &tasks);
    until(&handle, "d", ChildPhase::Running).await;
    let began = tokio::time::Instant::now();

    let report = handle.shutdown_tree(4 * SECOND, audit()).await.unwrap();

    assert!(began.elapsed() <= 4 * SECOND, "{:?}", began.elapsed());
    assert!(!report.is_graceful());
    let aborted = report.children.iter().filter(|c| c.how == StopHow::Aborted);
    assert_eq!(aborted.count(), 4);
    assert_eq!(report.children.len(), 5);
    let again = handle.shutdown_tree(SECOND, audit()).await.unwrap();
    assert!(Arc::ptr_eq(&report, &again), "another report");
}

#[tokio::test(start_paused = true)]
async fn i41_what_comes_after_the_shutdown_is_refused() {
    let tasks = tasks();
    let handle = start(Supervisor::new().child(patient("a")), &tasks);
    handle.shutdown_tree(SECOND, audit()).await.unwrap();

    for refused in [
        handle.add(patient("late"), audit()).await,
        handle.restart("a", audit()).await,
        handle.pause("a", audit()).await,
        handle.resume("a", audit()).await,
        handle.quarantine("a", audit()).await,
        handle.remove("a", audit()).await,
    ] {
        assert_eq!(refused, Err(CommandError::Stopping));
    }
    assert_eq!(handle.child("a").unwrap().phase, ChildPhase::Stopped);
}

#[tokio::test(start_paused = true)]
async fn token_of_the_registry_stops_the_tree_with_its_reason() {
    let seen = Arc::new(crate::sync::Lock::from(None));
    let slot = Arc::clone(&seen);
    let spec = ChildSpec::factory("a", move |cx| {
        let slot = Arc::clone(&slot);
        async move {
            cx.shutdown.cancelled().await;
            *slot.lock() = cx.shutdown.reason();
            Ok(())
        }
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);
    until(&handle, "a", ChildPhase::Running).await;

    tasks.shutdown().cancel(ShutdownReason::RpcRequested);
    tasks.join_all(10 * SECOND).await.unwrap();

    assert_eq!(*seen.lock(), Some(ShutdownReason::RpcRequested));
    assert_eq!(handle.child("a").unwrap().phase, ChildPhase::Stopped);
}

#[tokio::test(start_paused = true)]
async fn giving_up_at_the_root_is_fatal_and_names_the_child() {
    let failing = ChildSpec::factory("feed", |_| async { anyhow::bail!("no route") });
    let failing = failing.intensity(Intensity::new(2, 60 * SECOND).unwrap());
    let tasks = tasks();
    let handle = start(Supervisor::new().child(failing).child(patient("b")), &tasks);

    tasks.shutdown().cancelled().await;

    let Some(ShutdownReason::Fatal(what)) = tasks.shutdown().reason() else {
        panic!("not fatal");
    };
    assert_eq!(
        what,
        "supervisor gave up: child `/feed`: 2 restarts within 60s were not enough; at last it \
         failed: no route"
    );
    tasks.join_all(SECOND).await.unwrap();
    assert_eq!(handle.state().unwrap().root.phase, ChildPhase::Failed);
}

#[tokio::test(start_paused = true)]
async fn supervisor_lives_on_without_its_handle() {
    let tasks = tasks();
    let (spec, starts) = counting("a", |_, _| async { anyhow::bail!("again") });
    drop(start(Supervisor::new().child(spec), &tasks));

    tokio::time::sleep(SECOND).await;

    assert!(starts.load(Ordering::SeqCst) > 1);
}

#[tokio::test(start_paused = true)]
async fn tree_that_is_not_in_order_starts_nothing() {
    let tasks = tasks();
    let twice = Supervisor::new().child(patient("a")).child(patient("a"));

    let error = twice.start(&tasks).map(|_| ()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "two children are called `a`; names are unique among siblings"
    );
    assert!(tasks.is_empty());
}

/// Dropped with its runtime, the supervisor leaves nobody waiting.
#[test]
fn runtime_that_ends_lets_everybody_go() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let tasks = tasks();
    let handle = runtime.block_on(async {
        let handle = start(Supervisor::new().child(patient("a")), &tasks);
        until(&handle, "a", ChildPhase::Running).await;
        handle
    });
    drop(runtime);

    let other = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let refused = other.block_on(async {
        let waiting = handle.wait_for("a", ChildPhase::Paused);
        assert_eq!(waiting.await.map(|_| ()), Err(CommandError::Stopping));
        handle.restart("a", audit()).await
    });
    assert_eq!(refused, Err(CommandError::Stopping));
}

/// A service spawned after the shutdown must not be accepted in silence.
#[tokio::test(start_paused = true)]
async fn supervisor_that_comes_too_late_is_refused() {
    let tasks = tasks();
    tasks.join_all(SECOND).await.unwrap();

    let refused = Supervisor::new().child(patient("a")).start(&tasks);

    let error = refused.map(|_| ()).unwrap_err();
    assert!(matches!(error, InvalidTree::Late(_)), "{error}");
}
