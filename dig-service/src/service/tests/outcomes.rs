use super::*;

const ALL: &[&str] = &[
    "pre_start",
    "on_start",
    "run",
    "on_stop",
    "post_stop",
    "cleanup",
];

#[tokio::test(start_paused = true)]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn start_outcomes_follow_the_table() {
    let without_run: &[&str] = &["pre_start", "on_start", "post_stop", "cleanup"];
    let p = Probe::default;
    let table: Vec<(Probe, &[&str], &str)> = vec![
        (p(), ALL, "RunCompleted"),
        (
            Probe {
                run: Does::StopThenOk,
                ..p()
            },
            ALL,
            "RequestedShutdown(UserRequested)",
        ),
        (
            Probe {
                pre_start: Does::Fail,
                ..p()
            },
            &["pre_start", "cleanup"],
            "pre_start failed: pre_start fails",
        ),
        (
            Probe {
                pre_start: Does::Panic,
                ..p()
            },
            &["pre_start", "cleanup"],
            "pre_start failed: panicked: pre_start panics",
        ),
        (
            Probe {
                on_start: Does::Fail,
                ..p()
            },
            without_run,
            "on_start failed: on_start fails",
        ),
        (
            Probe {
                on_start: Does::Panic,
                ..p()
            },
            without_run,
            "on_start failed: panicked: on_start panics",
        ),
        (
            Probe {
                run: Does::Fail,
                ..p()
            },
            ALL,
            "run failed: run fails",
        ),
        (
            Probe {
                run: Does::Panic,
                ..p()
            },
            ALL,
            "run failed: panicked: run panics",
        ),
        (
            Probe {
                run: Does::PanicInDrop,
                ..p()
            },
            ALL,
            "run failed: panicked: in the destructor",
        ),
        (
            Probe {
                on_stop: Does::Fail,
                ..p()
            },
            ALL,
            "on_stop failed: on_stop fails",
        ),
        (
            Probe {
                on_stop: Does::Panic,
                ..p()
            },
            ALL,
            "on_stop failed: panicked: on_stop panics",
        ),
        (
            Probe {
                post_stop: Does::Fail,
                ..p()
            },
            ALL,
            "on_stop failed: post_stop fails",
        ),
        (
            Probe {
                post_stop: Does::Panic,
                ..p()
            },
            ALL,
            "on_stop failed: panicked: post_stop panics",
        ),
        (
            Probe {
                cleanup: Does::Fail,
                ..p()
            },
            ALL,
            "on_stop failed: cleanup fails",
        ),
        (
            Probe {
                run: Does::Fail,
                on_stop: Does::Fail,
                post_stop: Does::Fail,
                ..p()
            },
            ALL,
            "run failed: run fails",
        ),
        (
            Probe {
                on_stop: Does::Panic,
                post_stop: Does::Fail,
                ..p()
            },
            ALL,
            "on_stop failed: panicked: on_stop panics",
        ),
    ];
    for (row, (probe, hooks, outcome)) in table.into_iter().enumerate() {
        assert_eq!(
            live(probe).await,
            (strings(hooks), outcome.to_owned()),
            "row {row}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn i9_stop_during_a_start_hook_undoes_what_returned_ok() {
    let asked = "RequestedShutdown(UserRequested)";
    let p = Probe::default;
    let table: Vec<(Probe, &[&str])> = vec![
        (
            Probe {
                pre_start: Does::StopThenOk,
                ..p()
            },
            &["pre_start", "post_stop", "cleanup"],
        ),
        (
            Probe {
                pre_start: Does::StopThenFail,
                ..p()
            },
            &["pre_start", "cleanup"],
        ),
        (
            Probe {
                pre_start: Does::StopThenHang,
                ..p()
            },
            &["pre_start", "pre_start dropped", "cleanup"],
        ),
        (
            Probe {
                on_start: Does::StopThenOk,
                ..p()
            },
            &["pre_start", "on_start", "on_stop", "post_stop", "cleanup"],
        ),
        (
            Probe {
                on_start: Does::StopThenFail,
                ..p()
            },
            &["pre_start", "on_start", "post_stop", "cleanup"],
        ),
        (
            Probe {
                on_start: Does::StopThenHang,
                ..p()
            },
            &[
                "pre_start",
                "on_start",
                "on_start dropped",
                "post_stop",
                "cleanup",
            ],
        ),
    ];
    for (row, (probe, hooks)) in table.into_iter().enumerate() {
        assert_eq!(
            live(probe).await,
            (strings(hooks), asked.to_owned()),
            "row {row}"
        );
    }
}

#[tokio::test]
async fn stop_before_the_start_runs_no_hook() {
    let probe = Probe::default();
    let log = Arc::clone(&probe.log);
    let service = Service::new(probe, (), ());

    service.request_shutdown(ShutdownReason::RpcRequested);
    let result = service.start().await;

    assert_eq!(describe(result), "RequestedShutdown(RpcRequested)");
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn failed_start_tells_post_stop_its_error() {
    let probe = Probe {
        on_start: Does::Fail,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);

    let _ = Service::new(probe, (), ()).start().await;

    let log = log.lock().unwrap();
    let reason = log
        .iter()
        .find(|line| line.starts_with("reason RunError"))
        .expect("a reason");
    assert!(reason.contains("on_start fails"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn start_error_after_the_token_goes_into_the_report() {
    let probe = Probe {
        on_start: Does::StopThenFail,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let handle = service.handle();

    let status = service.start().await.unwrap();

    assert!(status.is_graceful());
    let report = handle.exit_report().expect("a report");
    assert_eq!(report.errors.len(), 1);
    assert_eq!(report.errors[0].step, "on_start");
    assert_eq!(report.errors[0].error.to_string(), "on_start fails");
}

#[tokio::test]
async fn every_error_is_in_the_report() {
    let probe = Probe {
        run: Does::Fail,
        on_stop: Does::Panic,
        post_stop: Does::Fail,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let handle = service.handle();

    let _ = service.start().await;

    let report = handle.exit_report().expect("a report");
    let errors: Vec<_> = report
        .errors
        .iter()
        .map(|e| format!("{}: {}", e.step, e.error))
        .collect();
    assert_eq!(
        errors,
        [
            "run: run fails",
            "on_stop: panicked: on_stop panics",
            "post_stop: post_stop fails"
        ]
    );
    assert!(matches!(report.reason, ExitReason::RunError(_)));
    let phases: Vec<_> = report.phases.iter().map(|(phase, _)| *phase).collect();
    assert_eq!(
        phases,
        [
            Phase::PreStart,
            Phase::Start,
            Phase::Running,
            Phase::Draining,
            Phase::Joining,
            Phase::OnStop,
            Phase::PostStop
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn start_deadline_drops_a_hanging_start_hook() {
    let probe = Probe {
        on_start: Does::Hang,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);
    let deadlines = Deadlines::default().start(Duration::from_secs(3));
    let began = Instant::now();

    let result = Service::builder(probe)
        .deadlines(deadlines)
        .build()
        .start()
        .await;

    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert_eq!(
        describe(result),
        "on_start failed: `on_start` did not return within 3s; its future was dropped"
    );
    assert!(log.lock().unwrap().contains(&"post_stop".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn start_cancel_grace_bounds_a_start_hook_that_ignores_the_stop() {
    for (deadlines, expected) in [
        (Deadlines::default(), Duration::from_secs(2)),
        (
            Deadlines::default().start_cancel_grace(Duration::from_millis(300)),
            Duration::from_millis(300),
        ),
    ] {
        let probe = Probe {
            pre_start: Does::StopThenHang,
            ..Probe::default()
        };
        let began = Instant::now();

        let result = Service::builder(probe)
            .deadlines(deadlines)
            .build()
            .start()
            .await;

        assert_eq!(began.elapsed(), expected);
        assert!(result.unwrap().is_graceful());
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}
