use serde_json::{Value, json};

use super::*;

#[tokio::test(start_paused = true)]
async fn i56_exit_report_is_one_line_of_json_in_file_and_handle() {
    let file = std::env::temp_dir().join(format!("dig-exit-report-{}.json", std::process::id()));
    let probe = Probe {
        run: Does::Hang,
        on_stop: Does::Fail,
        ..Probe::default()
    };
    let service = Service::builder(probe).exit_report_file(&file).build();
    service
        .tasks()
        .spawn("deaf", TaskKind::BackgroundLoop, std::future::pending());
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    handle.request_shutdown(ShutdownReason::UserRequested);
    let _ = running.await.unwrap();

    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();

    assert_eq!(written.lines().count(), 1);
    let report: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(report, handle.exit_report().expect("a report").to_json());
    assert_eq!(report["service"], "probe");
    assert_eq!(report["reason"], "requested by the user");
    assert_eq!(report["code"], 1);
    assert_eq!(report["late"], json!(["run", "deaf"]));
    assert_eq!(report["stuck"], json!([]));
    let errors = json!([{ "step": "on_stop", "causes": ["on_stop fails"] }]);
    assert_eq!(report["errors"], errors);
    assert_eq!(report["phases"]["draining"], 5000);
    assert_eq!(report["phases"]["joining"], 7000);
}

#[tokio::test(start_paused = true)]
async fn exit_report_file_that_cannot_be_written_changes_nothing() {
    let service = Service::builder(Probe::default())
        .exit_report_file("/nowhere/at/all.json")
        .build();

    let status = service.start().await.unwrap();

    assert!(status.is_graceful());
}

#[tokio::test(start_paused = true)]
async fn i56_the_last_event_is_the_end_with_its_code() {
    let service = Service::new(Probe::default(), (), ());
    let handle = service.handle();
    let _ = service.start().await;
    let mut events = handle.subscribe_after(0);
    drop(handle);

    let mut last = None;
    while let Some(Ok(event)) = events.next().await {
        last = Some(event.kind);
    }

    assert_eq!(last, Some(EventKind::Ended { code: 0 }));
}

#[tokio::test(start_paused = true)]
async fn a_stop_tells_at_once_and_every_five_seconds_what_it_waits_for() {
    let probe = Probe {
        run: Does::StopThenOk,
        on_stop: Does::Hang,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let handle = service.handle();
    for name in ["deaf", "deaf", "mute"] {
        service
            .tasks()
            .spawn(name, TaskKind::BackgroundLoop, std::future::pending());
    }
    let _ = service.start().await;

    let mut events = handle.subscribe_after(0);
    let mut told = Vec::new();
    while let Some(Ok(event)) = events.next().await {
        match event.kind {
            EventKind::StillWaiting { awaited } => told.push(awaited),
            EventKind::Ended { .. } => break,
            _ => {}
        }
    }

    let tasks = "3 task(s): deaf x2, mute";
    // 12 s for the tasks, then `on_stop` until 19 s.
    let hook = "hook `on_stop`";
    assert_eq!(told, [tasks, tasks, tasks, hook, hook]);
}

#[tokio::test(start_paused = true)]
async fn i30_progress_in_a_hook_extends_its_deadline_and_the_total_up_to_the_cap() {
    struct Flushing;
    #[async_trait]
    impl NodeLifecycle for Flushing {
        async fn run(&self, _: RunContext) -> anyhow::Result<()> {
            Ok(())
        }
        async fn on_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
            for percent in 0..100 {
                ctx.progress(format!("flushed {percent} %"));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
    }
    let second = Duration::from_secs;
    for (cap, seconds, ends) in [(30, 49, "timed_out"), (90, 100, "ok"), (0, 19, "timed_out")] {
        let deadlines = Deadlines::default().progress(second(5), second(cap));
        let service = Service::builder(Flushing).deadlines(deadlines).build();
        let handle = service.handle();
        let began = Instant::now();

        let _ = service.start().await;

        assert_eq!(began.elapsed(), second(seconds), "cap {cap}");
        let mut events = handle.subscribe_after(0);
        let ended = loop {
            let kind = events.next().await.unwrap().unwrap().kind;
            if let EventKind::HookEnded {
                hook: "on_stop",
                end,
                ..
            } = kind
            {
                break end;
            }
        };
        assert_eq!(ended, ends, "cap {cap}");
    }
}

#[tokio::test(start_paused = true)]
async fn i30_progress_extends_the_deadline_of_a_start_hook() {
    struct Loading;
    #[async_trait]
    impl NodeLifecycle for Loading {
        async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
            for _ in 0..8 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                ctx.progress("loading");
            }
            Ok(())
        }
        async fn run(&self, _: RunContext) -> anyhow::Result<()> {
            Ok(())
        }
    }
    let deadlines = Deadlines::default()
        .start(Duration::from_secs(2))
        .progress(Duration::from_secs(2), Duration::from_secs(30));

    let result = Service::builder(Loading)
        .deadlines(deadlines)
        .build()
        .start()
        .await;

    assert_eq!(describe(result), "RunCompleted");
}
