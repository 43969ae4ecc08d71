use super::*;

/// Runs a probe whose `run` does this, asks it to stop, and tells how long the stop took.
async fn stop(probe: Probe, deadlines: Deadlines) -> (Duration, crate::Result<ExitStatus>) {
    let service = Service::builder(probe).deadlines(deadlines).build();
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    let began = Instant::now();
    handle.request_shutdown(ShutdownReason::UserRequested);
    let result = running.await.unwrap();
    (began.elapsed(), result)
}

#[tokio::test(start_paused = true)]
async fn i15_run_that_ignores_the_token_is_aborted_after_its_grace() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);

    let (took, result) = stop(probe, Deadlines::default()).await;

    assert_eq!(took, Duration::from_secs(5));
    assert!(matches!(
        result,
        Err(ServiceError::ShutdownDeadlineExceeded { pending: 1, deadline }) if deadline.as_secs() == 5
    ));
    let log = log.lock().unwrap();
    let place = |what: &str| {
        log.iter()
            .position(|line| line == what)
            .expect("in the log")
    };
    assert!(place("run dropped") < place("on_stop"));
    assert!(place("on_stop") < place("post_stop"));
}

#[tokio::test(start_paused = true)]
async fn i28_hanging_stop_hook_is_dropped_and_the_next_one_runs() {
    let p = Probe::default;
    let on_stop = Probe {
        on_stop: Does::Hang,
        run: Does::StopThenOk,
        ..p()
    };
    let post_stop = Probe {
        post_stop: Does::Hang,
        run: Does::StopThenOk,
        ..p()
    };

    for (probe, hook, seconds) in [(on_stop, "on_stop", 19), (post_stop, "post_stop", 24)] {
        let began = Instant::now();
        let (hooks, outcome) = live(probe).await;

        assert_eq!(began.elapsed().as_secs(), seconds, "{hook}");
        assert!(
            outcome.contains(&format!("`{hook}` did not return within")),
            "{outcome}"
        );
        assert!(hooks.contains(&format!("{hook} dropped")));
        assert_eq!(hooks.last().map(String::as_str), Some("cleanup"));
    }
}

#[tokio::test(start_paused = true)]
async fn i26_slow_tasks_cannot_spend_the_time_of_on_stop() {
    let probe = Probe {
        run: Does::Hang,
        on_stop: Does::Hang,
        ..Probe::default()
    };
    let service = Service::builder(probe).build();
    service
        .tasks()
        .spawn("deaf", TaskKind::BackgroundLoop, std::future::pending());
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;

    handle.request_shutdown(ShutdownReason::UserRequested);
    reach(&handle, Phase::OnStop).await;
    let on_stop = Instant::now();
    let _ = running.await.unwrap();

    let report = handle.exit_report().expect("a report");
    assert!(on_stop.elapsed() >= Duration::from_secs(6));
    assert_eq!(report.late, ["run", "deaf"]);
    assert!(report.stuck.is_empty());
}

#[tokio::test]
async fn stop_with_nothing_to_wait_for_takes_no_budget() {
    let probe = Probe {
        run: Does::StopThenOk,
        ..Probe::default()
    };
    let began = Instant::now();

    let (_, outcome) = live(probe).await;

    assert_eq!(outcome, "RequestedShutdown(UserRequested)");
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn hurried_stop_skips_graces_but_no_hook() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);
    let service = Service::builder(probe).build();
    service
        .tasks()
        .spawn("deaf", TaskKind::BackgroundLoop, std::future::pending());
    let handle = service.handle();
    let mut events = handle.subscribe();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    let began = Instant::now();

    handle.request_shutdown(ShutdownReason::UserRequested);
    reach(&handle, Phase::Draining).await;
    handle.hurry_shutdown(ShutdownReason::UserRequested);
    let result = running.await.unwrap();

    assert!(
        began.elapsed() < Duration::from_millis(100),
        "{:?}",
        began.elapsed()
    );
    assert!(matches!(
        result,
        Err(ServiceError::ShutdownDeadlineExceeded { pending: 2, .. })
    ));
    let log = log.lock().unwrap().clone();
    assert!(log.contains(&"on_stop".to_owned()) && log.contains(&"post_stop".to_owned()));
    let mut saw_hurry = false;
    while let Some(Ok(event)) = events.next().await {
        saw_hurry |= event.kind == EventKind::ShutdownHurried;
        if event.kind
            == (EventKind::PhaseEntered {
                phase: Phase::Stopped,
            })
        {
            break;
        }
    }
    assert!(saw_hurry);
}

#[tokio::test(start_paused = true)]
async fn drain_delay_holds_the_token_back_but_not_the_reason() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let deadlines = Deadlines::default()
        .drain(Duration::from_secs(3))
        .run(Duration::from_secs(1));
    let service = Service::builder(probe).deadlines(deadlines).build();
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    assert!(handle.is_ready());
    let began = Instant::now();

    handle.request_shutdown(ShutdownReason::RpcRequested);

    assert!(!handle.is_running() && !handle.is_ready());
    let token = handle.shutdown_token().clone();
    assert_eq!(token.reason(), Some(ShutdownReason::RpcRequested));
    assert!(!token.is_cancelled());
    token.cancelled().await;
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    let _ = running.await.unwrap();
    assert_eq!(token.reason(), Some(ShutdownReason::RpcRequested));
}

#[tokio::test(start_paused = true)]
async fn cancelling_the_token_skips_the_drain_delay() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let deadlines = Deadlines::default()
        .drain(Duration::from_secs(30))
        .run(Duration::from_secs(1));
    let service = Service::builder(probe).deadlines(deadlines).build();
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    let began = Instant::now();

    handle.request_shutdown(ShutdownReason::RpcRequested);
    tokio::time::sleep(Duration::from_secs(1)).await;
    handle
        .shutdown_token()
        .cancel(ShutdownReason::UserRequested);
    handle.hurry_shutdown(ShutdownReason::UserRequested);
    let _ = running.await.unwrap();

    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn i13_later_fatal_raises_the_exit_status() {
    let probe = Probe {
        run: Does::StopThenOk,
        on_stop: Does::Ok,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let handle = service.handle();
    let token = service.shutdown_token().clone();
    service.tasks().spawn("late", TaskKind::BackgroundLoop, {
        let token = token.clone();
        async move {
            token.cancelled().await;
            token.cancel(ShutdownReason::Fatal("disk gone".to_owned()));
            Ok(())
        }
    });

    let status = service.start().await.unwrap();

    assert_eq!(token.reason(), Some(ShutdownReason::UserRequested));
    assert_eq!(
        describe(Ok(status)),
        "RequestedShutdown(Fatal(\"disk gone\"))"
    );
    assert!(!handle.is_running());
}

#[tokio::test(start_paused = true)]
async fn i32_dropped_service_tells_its_tasks() {
    let service = Service::new(Probe::default(), (), ());
    let (handle, token) = (service.handle(), service.shutdown_token().clone());
    service
        .tasks()
        .spawn("deaf", TaskKind::BackgroundLoop, std::future::pending());

    drop(service);

    assert_eq!(
        token.reason(),
        Some(ShutdownReason::Fatal("service dropped".to_owned()))
    );
    tokio::task::yield_now().await;
    assert!(handle.tasks().is_empty());
    handle.request_shutdown(ShutdownReason::UserRequested);
    handle.reload();
    assert!(!handle.is_running());
}

#[tokio::test(start_paused = true)]
async fn i32_dropped_start_aborts_run_and_tasks() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);
    let service = Service::new(probe, (), ());
    let handle = service.handle();
    service
        .tasks()
        .spawn("deaf", TaskKind::BackgroundLoop, std::future::pending());

    let started = tokio::time::timeout(Duration::from_secs(1), service.start()).await;

    assert!(started.is_err());
    tokio::task::yield_now().await;
    assert!(handle.all_tasks().is_empty());
    assert!(log.lock().unwrap().contains(&"run dropped".to_owned()));
    let reason = handle.shutdown_token().reason();
    assert_eq!(
        reason,
        Some(ShutdownReason::Fatal("service dropped".to_owned()))
    );
}

#[tokio::test(start_paused = true)]
async fn reload_without_a_reloader_asks_to_be_spawned_again() {
    let service = Service::new(
        Probe {
            run: Does::Hang,
            ..Probe::default()
        },
        (),
        (),
    );
    let handle = service.handle();

    handle.reload();

    let status = service.start().await.unwrap();
    assert_eq!(describe(Ok(status)), "RequestedShutdown(ReloadRequested)");
}

#[tokio::test(start_paused = true)]
async fn events_tell_the_whole_story_in_order() {
    let service = Service::new(
        Probe {
            run: Does::StopThenOk,
            ..Probe::default()
        },
        (),
        (),
    );
    let handle = service.handle();
    let _ = service.start().await;

    let mut events = handle.subscribe_after(0);
    let mut told = Vec::new();
    while let Some(Ok(event)) = events.next().await {
        assert_eq!(event.sequence, told.len() as u64 + 1);
        let is_last = event.kind
            == EventKind::PhaseEntered {
                phase: Phase::Stopped,
            };
        told.push(match event.kind {
            EventKind::PhaseEntered { phase } => phase.label().to_owned(),
            EventKind::HookEnded { hook, end, .. } => format!("{hook}={end}"),
            EventKind::ShutdownRequested { reason } => reason.to_string(),
            EventKind::Child(event) => format!("{}={}", event.path, event.change.label()),
            EventKind::HookBegan { hook } => format!("{hook}.."),
            other => format!("{other:?}"),
        });
        if is_last {
            break;
        }
    }

    let expected = "pre_start pre_start.. pre_start=ok start on_start.. on_start=ok running /=started \
        /=ready draining requested-by-the-user joining /=stopping /=stopped on_stop on_stop.. \
        on_stop=ok post_stop post_stop.. post_stop=ok cleanup.. cleanup=ok stopped";
    assert_eq!(
        told.join(" ")
            .replace("requested by the user", "requested-by-the-user"),
        expected
    );
}
