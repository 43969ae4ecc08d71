use super::*;
use crate::tasks::TaskOptions;

#[tokio::test(start_paused = true)]
async fn laggard_is_aborted_and_its_destructors_have_run_when_start_returns() {
    let probe = Probe {
        run: Does::StopThenOk,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);
    let service = Service::new(probe, (), ());
    let handle = service.handle();
    let dropped = Dropped(Arc::clone(&log), "laggard");
    service
        .tasks()
        .spawn("laggard", TaskKind::BackgroundLoop, async move {
            let _dropped = dropped;
            std::future::pending().await
        });

    let result = service.start().await;

    let failure = result.unwrap_err();
    assert!(matches!(
        failure,
        ServiceError::ShutdownDeadlineExceeded { pending: 1, .. }
    ));
    let log = log.lock().unwrap();
    let place = |what: &str| {
        log.iter()
            .position(|line| line == what)
            .expect("in the log")
    };
    assert!(place("laggard dropped") < place("on_stop"));
    assert!(handle.all_tasks().is_empty());
    let counts = handle.task_counts();
    assert_eq!((counts.aborted, counts.live), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_failed_start_are_cancelled_and_joined() {
    let probe = Probe {
        on_start: Does::Fail,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);
    let service = Service::new(probe, (), ());
    let token = service.shutdown_token().clone();
    let dropped = Dropped(Arc::clone(&log), "task");
    service
        .tasks()
        .spawn("early", TaskKind::BackgroundLoop, async move {
            let _dropped = dropped;
            token.cancelled().await;
            Ok(())
        });

    let result = service.start().await;

    assert!(matches!(result, Err(ServiceError::OnStartFailed(_))));
    let log = log.lock().unwrap();
    let place = |what: &str| {
        log.iter()
            .position(|line| line == what)
            .expect("in the log")
    };
    assert!(place("task dropped") < place("post_stop"));
}

#[tokio::test(start_paused = true)]
async fn critical_task_that_ends_is_fatal() {
    type End = fn() -> anyhow::Result<()>;
    let table: [(End, &str); 3] = [
        (|| Ok(()), "critical task `voter`: completed"),
        (
            || anyhow::bail!("no quorum"),
            "critical task `voter`: no quorum",
        ),
        (
            || panic!("bad vote"),
            "critical task `voter`: panicked: bad vote",
        ),
    ];
    for (end, reason) in table {
        let service = Service::new(
            Probe {
                run: Does::Hang,
                ..Probe::default()
            },
            (),
            (),
        );
        let (handle, tasks) = (service.handle(), service.tasks().clone());
        let running = tokio::spawn(service.start());
        reach(&handle, Phase::Running).await;

        let options = TaskOptions::new(TaskKind::BackgroundLoop).critical();
        tasks
            .try_spawn("voter", options, async move { end() })
            .unwrap();

        handle.shutdown_token().cancelled().await;
        handle.hurry_shutdown(ShutdownReason::UserRequested);
        let _ = running.await.unwrap();
        let told = handle.shutdown_token().reason();
        assert_eq!(told, Some(ShutdownReason::Fatal(reason.to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn task_in_a_hook_is_seen_by_the_handle_and_refused_while_draining() {
    let service = Service::new(
        Probe {
            run: Does::Hang,
            ..Probe::default()
        },
        (),
        (),
    );
    let (handle, tasks) = (service.handle(), service.tasks().clone());
    tasks.spawn("loop", TaskKind::BackgroundLoop, std::future::pending());
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    assert_eq!(handle.tasks().len(), 1);
    let all: Vec<_> = handle.all_tasks().iter().map(|t| t.name).collect();
    assert_eq!(all, ["loop", "heartbeats", "supervisor", "run"]);

    handle.request_shutdown(ShutdownReason::UserRequested);
    reach(&handle, Phase::Draining).await;
    let refused = tasks.try_spawn("late", TaskKind::Maintenance, async { Ok(()) });
    let drain = TaskOptions::new(TaskKind::Maintenance).drain_work();
    let taken = tasks.try_spawn("flush", drain, async { Ok(()) });
    reach(&handle, Phase::Joining).await;
    let drain = TaskOptions::new(TaskKind::Maintenance).drain_work();
    let too_late = tasks.try_spawn("flush", drain, async { Ok(()) });
    let _ = running.await.unwrap();

    assert_eq!(refused.unwrap_err().phase, Phase::Draining);
    assert!(taken.is_ok());
    assert_eq!(too_late.unwrap_err().phase, Phase::Joining);
    assert_eq!(handle.task_counts().refused, 2);
}
