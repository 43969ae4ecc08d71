//! Children that do what nobody should.

use super::*;

/// On real threads: a clock that is paused does not see a thread that is blocked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i42_child_that_blocks_its_thread_is_stuck_and_no_second_copy_is_started() {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(crate::sync::Lock::from(wait));
    let (spec, starts) = counting("blocks", move |cx, start| {
        let wait = Arc::clone(&wait);
        async move {
            if start == 1 {
                let _ = wait.lock().recv();
                anyhow::bail!("at last");
            }
            cx.shutdown.cancelled().await;
            Ok(())
        }
    });
    let tasks = tasks();
    let spec = spec.heartbeat(MILLI * 50).stop_budget(MILLI * 50);
    let handle = start(
        Supervisor::new().child(spec).child(patient("other")),
        &tasks,
    );

    let status = until(&handle, "blocks", ChildPhase::Failed).await;

    assert!(status.is_stuck && status.uptime.is_some());
    assert_eq!(starts.load(Ordering::SeqCst), 1);
    assert_eq!(handle.stuck_children(), 1);
    // The loop goes on, and so does everybody else.
    let restarted = handle.restart("blocks", audit()).await.unwrap();
    assert_eq!(restarted.decision, Decision::Queued);
    assert_eq!(handle.child("other").unwrap().phase, ChildPhase::Running);
    assert_eq!(starts.load(Ordering::SeqCst), 1);

    release.send(()).unwrap();
    let status = until(&handle, "blocks", ChildPhase::Running).await;
    assert!(!status.is_stuck);
    assert_eq!(handle.stuck_children(), 0);
    // It reads running from the spawn on.
    while starts.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(10 * SECOND).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn child_that_returns_at_once_is_paced_and_limited_also_by_ok() {
    let (spec, starts) = counting("a", |_, _| std::future::ready(Ok(())));
    let spec = spec
        .restart(RestartPolicy::Always)
        .on_give_up(OnGiveUp::Quarantine);
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);
    let began = tokio::time::Instant::now();

    let status = until(&handle, "a", ChildPhase::Quarantined).await;

    assert_eq!(
        (status.starts, status.completions, status.failures),
        (6, 6, 0)
    );
    assert_eq!(starts.load(Ordering::SeqCst), 6);
    // 100 + 200 + .. + 1600 ms, less the jitter.
    assert!(began.elapsed() >= MILLI * 2480, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn destructors_that_panic_are_failures_of_the_attempt() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    let (spec, _) = counting("a", |cx, start| async move {
        let bomb = (start == 1).then(|| Bomb);
        if start > 1 {
            cx.shutdown.cancelled().await;
        }
        drop(bomb);
        Ok(())
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    assert!(matches!(status.last_exit, Some(ChildExit::Panicked(_))));
    until(&handle, "a", ChildPhase::Running).await;
}

#[tokio::test(start_paused = true)]
async fn error_that_cannot_be_shown_is_kept_as_such() {
    #[derive(Debug)]
    struct Shy;
    impl std::fmt::Display for Shy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no")
        }
    }
    impl std::error::Error for Shy {}
    let (spec, _) = counting("a", |_, _| async { Err(anyhow::Error::new(Shy)) });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    let exit = status.last_exit.map(|exit| exit.to_string()).unwrap();
    assert!(exit.contains("an error that cannot be shown"), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn task_that_others_abort_counts_as_a_failure() {
    let (spec, starts) = counting("a", |cx, _| async move {
        cx.shutdown.cancelled().await;
        Ok(())
    });
    let tasks = tasks();
    let scope = tasks.scope("outer");
    let handle = match Supervisor::new().child(spec).start(&scope) {
        Ok(handle) => handle,
        Err(error) => panic!("{error}"),
    };
    until(&handle, "a", ChildPhase::Running).await;
    drop(handle);

    // Everything, the loop included: nobody is left to restart it, and nobody waits.
    scope.abort_all();
    tokio::time::sleep(SECOND).await;

    assert_eq!(starts.load(Ordering::SeqCst), 1);
    assert!(scope.is_empty());
}

/// What is bounded: the history of restarts, whatever their number.
#[tokio::test(start_paused = true)]
async fn hundred_thousand_restarts_keep_nothing() {
    let (spec, starts) = counting("a", |cx, start| async move {
        if start == 100_000 {
            cx.shutdown.cancelled().await;
        }
        Ok(())
    });
    let spec = spec
        .restart(RestartPolicy::Always)
        .backoff(Backoff::none())
        .intensity(Intensity::unlimited());
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);
    while starts.load(Ordering::SeqCst) < 100_000 {
        tokio::task::yield_now().await;
    }

    let status = handle.child("a").unwrap();
    assert_eq!((status.starts, status.completions), (100_000, 99_999));
    // The loop, and the one attempt.
    assert_eq!(tasks.len(), 2);
    assert!(tasks.recent_outcomes().len() <= 128);
}

/// The closure of a child that is removed is dropped by the last that holds it: its attempt.
#[tokio::test(start_paused = true)]
async fn closure_whose_destructor_panics_harms_nobody() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the closure's destructor");
        }
    }
    let child = |name: &'static str| {
        let bomb = Bomb;
        ChildSpec::factory(name, move |cx| {
            let _held = &bomb;
            async move {
                cx.shutdown.cancelled().await;
                Ok(())
            }
        })
    };
    let tasks = tasks();
    let supervisor = Supervisor::new()
        .child(child("a"))
        .child(child("b"))
        .child(patient("c"));
    let handle = start(supervisor, &tasks);
    until(&handle, "c", ChildPhase::Running).await;

    handle.remove("a", audit()).await.unwrap();
    handle.pause("b", audit()).await.unwrap();
    until(&handle, "b", ChildPhase::Paused).await;
    // At rest: it is the loop that holds the closure.
    handle.remove("b", audit()).await.unwrap();
    while handle.child("a").is_ok() || handle.child("b").is_ok() {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(SECOND).await;

    assert_eq!(handle.child("c").unwrap().phase, ChildPhase::Running);
    assert_eq!(tasks.len(), 2, "{:?}", tasks.snapshot());
}
