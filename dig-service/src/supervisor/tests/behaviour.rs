//! What children see, and what is seen of them.

use super::*;
use crate::sync::Lock;

#[tokio::test(start_paused = true)]
async fn panicking_child_is_restarted_and_its_message_is_kept() {
    let tasks = tasks();
    let (spec, starts) = counting("a", |cx, start| async move {
        assert!(start > 1, "boom {start}");
        cx.shutdown.cancelled().await;
        Ok(())
    });
    let handle = start(Supervisor::new().child(spec), &tasks);

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    assert_eq!((status.failures, status.uptime), (1, None));
    assert!(status.next_retry.is_some());
    let exit = status.last_exit.map(|exit| exit.to_string());
    assert!(exit.is_some_and(|exit| exit.contains("boom 1")));
    let status = until(&handle, "a", ChildPhase::Running).await;
    assert_eq!(
        (status.generation, status.attempt, status.restarts()),
        (1, 2, 1)
    );
    assert_eq!(starts.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn closure_that_panics_is_the_attempts_own_fault() {
    let tasks = tasks();
    let spec = ChildSpec::factory("a", |cx| {
        assert!(cx.attempt > 1, "before there is a future");
        std::future::pending()
    });
    let handle = start(Supervisor::new().child(spec), &tasks);

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    assert!(matches!(status.last_exit, Some(ChildExit::Panicked(_))));
    until(&handle, "a", ChildPhase::Running).await;
}

/// A service counts its runs across restarts; a factory's value begins anew.
#[tokio::test(start_paused = true)]
async fn service_is_one_value_and_a_factory_makes_fresh_ones() {
    struct Counter(AtomicU32);

    #[async_trait::async_trait]
    impl SupervisedService for Counter {
        fn name(&self) -> &str {
            "counter"
        }

        fn restart_policy(&self) -> RestartPolicy {
            RestartPolicy::Always
        }

        async fn run(&self, cancel: tokio_util::sync::CancellationToken) -> anyhow::Result<()> {
            if self.0.fetch_add(1, Ordering::SeqCst) == 2 {
                cancel.cancelled().await;
            }
            Ok(())
        }
    }
    let fresh = ChildSpec::factory("fresh", |cx| {
        let mut value = 0;
        async move {
            value += 1;
            assert_eq!(value, 1);
            anyhow::ensure!(cx.attempt == 3, "again");
            cx.shutdown.cancelled().await;
            Ok(())
        }
    });
    let tasks = tasks();
    let service = ChildSpec::service(Counter(AtomicU32::new(0)));
    let handle = start(Supervisor::new().child(service).child(fresh), &tasks);
    tokio::time::sleep(10 * SECOND).await;

    let counter = handle.child("counter").unwrap();
    assert_eq!((counter.starts, counter.completions), (3, 2));
    let fresh = handle.child("fresh").unwrap();
    assert_eq!((fresh.phase, fresh.starts), (ChildPhase::Running, 3));
}

#[tokio::test(start_paused = true)]
async fn i35_next_attempt_starts_after_the_old_future_is_dropped() {
    struct Open(Arc<AtomicU32>);
    impl Drop for Open {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let open = Arc::new(AtomicU32::new(0));
    let shared = Arc::clone(&open);
    let (spec, starts) = counting("a", move |cx, _| {
        let open = Arc::clone(&shared);
        async move {
            assert_eq!(open.fetch_add(1, Ordering::SeqCst), 0, "two are open");
            let _open = Open(open);
            if cx.attempt == 2 {
                std::future::pending::<()>().await;
            }
            anyhow::bail!("again")
        }
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec.stop_budget(SECOND)), &tasks);
    until(&handle, "a", ChildPhase::BackingOff).await;
    until(&handle, "a", ChildPhase::Running).await;

    // Aborted, as it does not listen.
    handle.restart("a", audit()).await.unwrap();

    let status = until(&handle, "a", ChildPhase::BackingOff).await;
    assert_eq!(status.generation, 2);
    assert_eq!(starts.load(Ordering::SeqCst), 3);
    assert_eq!(open.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn child_that_beats_lives_and_one_that_falls_silent_is_restarted() {
    let (spec, _) = counting("a", |cx, start| async move {
        for _ in 0..10 {
            cx.beat();
            tokio::time::sleep(SECOND).await;
        }
        if start == 1 {
            std::future::pending::<()>().await;
        }
        loop {
            cx.beat();
            tokio::time::sleep(SECOND).await;
        }
    });
    let tasks = tasks();
    let spec = spec.heartbeat(3 * SECOND).stop_budget(SECOND);
    let handle = start(Supervisor::new().child(spec), &tasks);
    tokio::time::sleep(5 * SECOND).await;
    let status = handle.child("a").unwrap();
    assert_eq!(status.phase, ChildPhase::Running);
    assert!(status.last_heartbeat.is_some_and(|ago| ago <= SECOND));

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    assert_eq!(status.last_exit, Some(ChildExit::Hung));
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(handle.child("a").unwrap().attempt, 2);
}

#[tokio::test(start_paused = true)]
async fn child_says_itself_when_it_is_ready() {
    let slow = ChildSpec::factory("slow", |cx| async move {
        tokio::time::sleep(5 * SECOND).await;
        cx.ready();
        cx.ready();
        cx.shutdown.cancelled().await;
        Ok(())
    });
    let deadline = 10 * SECOND;
    let slow = slow.readiness(Readiness::Explicit { deadline });
    let tasks = tasks();
    let handle = start(
        Supervisor::new()
            .child(slow)
            .child(patient("needs").depends_on("slow")),
        &tasks,
    );
    until(&handle, "slow", ChildPhase::Starting).await;
    assert_eq!(handle.child("needs").unwrap().phase, ChildPhase::Pending);

    until(&handle, "needs", ChildPhase::Running).await;

    assert_eq!(handle.child("slow").unwrap().phase, ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn protected_section_outlasts_the_abort_but_not_the_grace() {
    let done = Arc::new(Lock::from(Vec::new()));
    let child = |name: &'static str, needs: Duration| {
        let done = Arc::clone(&done);
        ChildSpec::factory(name, move |cx| {
            let done = Arc::clone(&done);
            async move {
                cx.shutdown.cancelled().await;
                let _whole = cx.protect();
                tokio::time::sleep(needs).await;
                done.lock().push(name);
                Ok(())
            }
        })
        .stop_budget(SECOND)
    };
    let tasks = tasks();
    let supervisor = Supervisor::new()
        .child(child("short", SECOND + MILLI * 500))
        .child(child("long", SECOND * 10));
    let handle = start(supervisor, &tasks);
    until(&handle, "long", ChildPhase::Running).await;

    let report = handle.shutdown_tree(20 * SECOND, audit()).await.unwrap();

    assert_eq!(*done.lock(), ["short"]);
    let how = |path: &str| {
        report
            .children
            .iter()
            .find(|c| &*c.path == path)
            .unwrap()
            .how
    };
    assert_eq!(how("/long"), StopHow::Aborted);
}

#[tokio::test(start_paused = true)]
async fn no_phase_is_too_short_to_be_noticed() {
    let (spec, _) = counting("a", |_, start| async move {
        anyhow::ensure!(start >= 50, "again");
        std::future::pending().await
    });
    let spec = spec
        .backoff(Backoff::none())
        .intensity(Intensity::unlimited());
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);

    // Between two attempts, for as long as it takes to start the next.
    let status = until(&handle, "a", ChildPhase::Pending).await;

    assert!(status.starts < 50, "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn tags_and_names_are_shown_and_names_alone_must_be_unambiguous() {
    let inner = || Supervisor::new().child(patient("x").tag("net").tag("p2p"));
    let supervisor = Supervisor::new()
        .child(ChildSpec::group("left", inner()))
        .child(ChildSpec::group("right", inner()))
        .child(ChildSpec::group(
            "alone",
            Supervisor::new().child(patient("y")),
        ));
    let tasks = tasks();
    let handle = start(supervisor, &tasks);
    until(&handle, "/", ChildPhase::Running).await;

    assert_eq!(&*handle.child("y").unwrap().path, "/alone/y");
    let x = handle.child("/left/x").unwrap();
    assert_eq!(
        x.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        ["net", "p2p"]
    );
    let ambiguous = |paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let name = "x".to_owned();
        Err(CommandError::Ambiguous { name, paths })
    };
    let found = handle.child("x").map(|_| ());
    assert_eq!(found, ambiguous(&["/left/x", "/right/x"]));
    assert_eq!(
        handle.child("z").map(|_| ()),
        Err(CommandError::UnknownChild("z".to_owned()))
    );
    let state = handle.state().unwrap();
    assert_eq!(&*state.root.path, "/");
    let paths: Vec<_> = state.children.iter().map(|child| &*child.path).collect();
    let all = [
        "/left", "/left/x", "/right", "/right/x", "/alone", "/alone/y",
    ];
    assert_eq!(paths, all);
    assert!(state.children[0].is_supervisor && !state.children[1].is_supervisor);
}

/// A child at the top is no more meant by its name than those in groups.
#[tokio::test(start_paused = true)]
async fn namesakes_come_and_go() {
    let inner = || Supervisor::new().child(patient("x"));
    let supervisor = Supervisor::new()
        .child(patient("x"))
        .child(ChildSpec::group("left", inner()))
        .child(ChildSpec::group("right", inner()));
    let tasks = tasks();
    let handle = start(supervisor, &tasks);
    until(&handle, "/", ChildPhase::Running).await;
    assert!(matches!(
        handle.child("x"),
        Err(CommandError::Ambiguous { paths, .. }) if paths == ["/x", "/left/x", "/right/x"]
    ));

    handle.remove("/x", audit()).await.unwrap();
    handle.remove("/left/x", audit()).await.unwrap();
    while handle.child("/x").is_ok() || handle.child("/left/x").is_ok() {
        tokio::task::yield_now().await;
    }

    assert_eq!(&*handle.child("x").unwrap().path, "/right/x");
}

#[tokio::test(start_paused = true)]
async fn attempts_are_tasks_with_names_and_kinds() {
    use crate::tasks::TaskKind;
    let tasks = tasks();
    let supervisor = Supervisor::new()
        .child(patient("fixed").kind(TaskKind::PeerConnection))
        .child(ChildSpec::task(
            format!("peer-{}", 7),
            |cancel| async move {
                cancel.cancelled().await;
                Ok(())
            },
        ));
    let handle = start(supervisor, &tasks);
    until(&handle, "peer-7", ChildPhase::Running).await;

    let listed = tasks.snapshot();
    let fixed = listed.iter().find(|task| task.name == "fixed").unwrap();
    assert_eq!(fixed.kind, TaskKind::PeerConnection);
    let peer = listed.iter().find(|task| task.name == "child").unwrap();
    assert_eq!(peer.label.as_deref(), Some("peer-7"));
    // They come from where they were declared.
    assert!(peer.spawned_from.file().ends_with("tests/behaviour.rs"));
}
