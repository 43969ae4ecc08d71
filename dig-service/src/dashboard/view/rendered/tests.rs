use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::dashboard::{
    DashboardIpcConfig, DashboardIpcService, IpcMethod, IpcRequest, IpcResult, LogTap,
};
use crate::supervisor::{Audit, Backoff, ChildPhase, ChildSpec, Intensity, Supervisor};
use crate::{NodeLifecycle, Phase, Service, ShutdownReason, TaskKind};
use tracing_subscriber::layer::SubscriberExt;

struct Node;

impl NodeLifecycle for Node {}

/// Moments differ from look to look, and what is counted besides events as well.
fn without_moments(mut value: Value) -> Value {
    fn clean(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let moments = [
                    "generated_at_unix_nanos",
                    "updated_at_unix_nanos",
                    "last_heartbeat_at_unix_nanos",
                    "uptime_millis",
                ];
                moments
                    .iter()
                    .for_each(|moment| drop(fields.remove(*moment)));
                fields.values_mut().for_each(clean);
            }
            Value::Array(all) => all.iter_mut().for_each(clean),
            _ => {}
        }
    }
    clean(&mut value);
    value
}

async fn both(service: &DashboardIpcService) -> (Value, Value) {
    let line = service.state_line("r-1").await;
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let request = IpcRequest::new("r-1", IpcMethod::State, None);
    let response = service.handle_request(request).await;
    assert!(matches!(response.result, Some(IpcResult::State { .. })));
    let fast = serde_json::from_slice(&line).unwrap();
    let plain = serde_json::to_value(&response).unwrap();
    (without_moments(fast), without_moments(plain))
}

fn tree() -> Supervisor {
    let calm = |name: &'static str| {
        ChildSpec::factory(name, |cx| async move {
            cx.beat();
            cx.shutdown.cancelled().await;
            Ok(())
        })
    };
    let quiet = |name: &'static str| {
        ChildSpec::factory(name, |cx| async move {
            cx.shutdown.cancelled().await;
            Ok(())
        })
    };
    let pace = Duration::from_millis(10);
    let flap = ChildSpec::factory("flap", |_| async { anyhow::bail!("no \"luck\"") })
        .backoff(Backoff::new(pace, pace).unwrap())
        .intensity(Intensity::unlimited());
    Supervisor::new()
        .child(calm("a").heartbeat(Duration::from_secs(5)))
        .child(quiet("b").depends_on("a").tag("x"))
        .child(ChildSpec::group(
            "g",
            Supervisor::new().child(quiet("b")).child(quiet("c")),
        ))
        .child(flap)
}

#[tokio::test(start_paused = true)]
async fn line_is_the_state_whatever_happens_between() {
    let logs = LogTap::new();
    let service = Service::builder(Node).supervisor(tree()).build();
    let handle = service.handle();
    let config = DashboardIpcConfig::new("t", "/run/t.sock")
        .validate()
        .unwrap();
    let view = DashboardView::new(&handle).with_logs(logs.clone());
    let dashboard = DashboardIpcService::new(config, view);
    let (before, plain) = both(&dashboard).await;
    assert_eq!(before, plain, "before the start");

    let running = handle.clone();
    let tasks = crate::TaskRegistry::new(crate::ShutdownToken::new());
    let _ = tasks.spawn("service", TaskKind::BackgroundLoop, async move {
        Ok(service.start().await.map(drop)?)
    });
    let _ = running
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;
    let supervisor = handle.supervisor();
    let audit = || Audit::new("test", "a test").unwrap();
    for round in 0..30 {
        tokio::time::sleep(Duration::from_millis(7)).await;
        match round {
            5 => drop(supervisor.pause("/b", audit()).await.unwrap()),
            9 => drop(supervisor.resume("/b", audit()).await.unwrap()),
            12 => drop(supervisor.remove("/g/b", audit()).await.unwrap()),
            15 => {
                let late = ChildSpec::factory("late", |_| std::future::pending());
                drop(supervisor.add(late, audit()).await.unwrap());
            }
            20 => {
                let subscriber = tracing_subscriber::registry().with(logs.layer());
                tracing::subscriber::with_default(subscriber, || tracing::info!("told"));
            }
            _ => {}
        }
        let (fast, plain) = both(&dashboard).await;
        assert_eq!(fast, plain, "round {round}");
    }
    supervisor
        .wait_for("/late", ChildPhase::Running)
        .await
        .unwrap();
    handle.request_shutdown(ShutdownReason::UserRequested);
    let _ = running
        .phase()
        .wait_for(|phase| *phase == Phase::Stopped)
        .await;
    let (fast, plain) = both(&dashboard).await;
    assert_eq!(fast, plain, "at the end");
}
