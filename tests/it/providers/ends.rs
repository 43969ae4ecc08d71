//! Services that are dropped, and work that starts again.

use super::*;
use dig_service::supervisor::ChildChange;

#[tokio::test]
async fn i32_dropped_service_leaves_no_task_of_its_providers() {
    let world = World::default();
    let service = service(&world, ReloadFailure::Stay);
    let handle = service.handle();
    let mut phase = handle.phase();
    // What is borrowed of the phase is given back before the service is dropped.
    let running = async {
        phase
            .wait_for(|phase| *phase == Phase::Running)
            .await
            .map(drop)
    };
    tokio::select! {
        _ = service.start() => panic!("nobody asked it to stop"),
        running = running => running.unwrap(),
    }

    let gone = async {
        while !handle.all_tasks().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(20);
    assert!(
        tokio::time::timeout(patience, gone).await.is_ok(),
        "{:?}",
        handle.all_tasks()
    );
    handle.reload();
    assert!(!handle.is_running());
}

/// Fails twice, then asks for the stop.
#[derive(Clone)]
struct Flaky(Arc<std::sync::atomic::AtomicU32>);

#[dig_service::provider(state = World, name = "flaky", restart = "on_failure")]
impl Flaky {
    #[run]
    async fn work(&self, _: World, task: TaskContext) -> anyhow::Result<()> {
        let starts = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        anyhow::ensure!(starts >= 2, "lost");
        task.tasks.shutdown().cancel(ShutdownReason::UserRequested);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn i56_restarts_are_in_the_report_and_the_events() {
    let world = World::default();
    let registry = registry();
    registry.insert(Arc::new(Flaky(Arc::default())));
    let service = Service::builder(Node(world.clone()))
        .providers(registry, world)
        .build();
    let handle = service.handle();
    let mut events = handle.subscribe();

    service.start().await.unwrap();

    let report = handle.exit_report().unwrap();
    assert_eq!(report.restarts.get("/flaky"), Some(&2));
    assert_eq!(
        report.to_json()["restarts"],
        serde_json::json!({ "/flaky": 2 })
    );
    let mut told = 0;
    while let Some(Ok(event)) = events.next().await {
        match event.kind {
            EventKind::Child(event) if &*event.path == "/flaky" => {
                if let ChildChange::BackingOff { delay } = event.change {
                    assert!(delay >= Duration::from_millis(80));
                    assert!(delay <= Duration::from_millis(240));
                    told += 1;
                }
            }
            EventKind::Ended { .. } => break,
            _ => {}
        }
    }
    assert_eq!(told, 2);
}

#[tokio::test(start_paused = true)]
async fn i48_mixed_service_is_ready_again_after_a_reload_that_succeeds_and_not_before() {
    let world = World::with_fault("reload store");
    let service = service(&world, ReloadFailure::Stay);
    let handle = service.handle();
    let mut events = handle.subscribe();
    let steps = async {
        let mut seen = Vec::new();
        for fault in ["reload store", "prepare state", "none"] {
            *locked(&world.faults) = vec![fault];
            handle.reload();
            while let Some(Ok(event)) = events.next().await {
                if matches!(event.kind, EventKind::ReloadEnded { .. }) {
                    break;
                }
            }
            seen.push(handle.is_ready());
        }
        handle.request_shutdown(ShutdownReason::UserRequested);
        seen
    };

    let (_, seen) = tokio::join!(service.start(), steps);

    assert_eq!(seen, [false, false, true]);
}
