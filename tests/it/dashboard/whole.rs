//! Commands for the whole service: its tree, its reload, its end.

use std::time::Duration;

use dig_service::dashboard::ControlCommandKind as Kind;
use dig_service::registry::{Provider, Registry, Reloadable, Runnable, TaskFuture};
use dig_service::supervisor::{ChildPhase, ChildSpec, Supervisor};
use dig_service::{NodeLifecycle, Phase, Service, ShutdownReason, StartContext};
use serde_json::{Value, json};

use super::wire::{Wire, command, shown};
use super::{Folder, Live, calm, config, spawn};

#[tokio::test]
async fn tree_can_be_shut_down_and_the_service_goes_on() {
    let live = Live::start().await;
    let mut wire = live.wire().await;

    let mut events = live.wire().await;
    let session = json!({ "session_established": true });
    events.result("events.subscribe", session).await;
    let shutdown = command(Kind::ShutdownTree);
    let result = wire.command(&shutdown).await;
    // All that follows carries the command's id, to the end of the last.
    loop {
        let event = events.next().await["event"].take();
        assert_eq!(event["correlation_id"], shutdown.command_id, "{event}");
        if event["event_type"] == "ChildStopped" && event["target_path"] == "/" {
            break;
        }
    }

    let report = &result["state_delta"];
    assert_eq!(report["type"], "shutdown");
    assert_eq!(report["result"]["graceful"], true);
    assert_eq!(report["result"]["children"].as_array().unwrap().len(), 5);
    assert!(live.handle.is_running());
    let blocked = wire
        .command(&command(Kind::RestartChild).child("/feed"))
        .await;
    assert_eq!(blocked["accepted"], false);
    assert_eq!(
        blocked["state_delta"]["outcome"]["decision"],
        "blocked_by_shutdown"
    );
    live.stop().await;
}

#[derive(Default)]
struct Reloading;

impl Provider for Reloading {
    fn name(&self) -> &'static str {
        "reloading"
    }

    fn as_runnable(&self) -> Option<&dyn Runnable> {
        Some(self)
    }

    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        Some(self)
    }
}

impl Runnable for Reloading {
    fn run(&self, (): ()) -> TaskFuture {
        Box::pin(std::future::pending())
    }
}

#[async_trait::async_trait]
impl Reloadable for Reloading {
    async fn reload(&self, (): &()) -> dig_service::registry::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn reload_is_asked_for_and_its_events_carry_the_id() {
    let folder = Folder::new();
    let registry = Registry::new();
    registry.insert(std::sync::Arc::new(Reloading));
    let service = Service::builder(super::Node)
        .providers(registry, ())
        .dashboard(config(&folder))
        .build();
    let handle = service.handle();
    let ended = spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;
    let mut wire = Wire::connect(&folder.socket()).await;
    let reload = command(Kind::Reload);
    let state = wire.state().await;
    assert_eq!(state["providers"][0]["state"], "ready");
    let work = &state["topology"]["nodes"][1];
    assert_eq!(
        (&work["path"], &work["kind"]),
        (&json!("/reloading"), &json!("provider"))
    );

    let result = wire.command(&reload).await;

    assert_eq!(result["state_delta"]["type"], "reload");
    let params =
        json!({ "session_established": true, "after_sequence": state["state_generation"] });
    wire.result("events.subscribe", params).await;
    let mut types = Vec::new();
    while types.last().is_none_or(|last| last != "ReloadEnded") {
        let event = wire.next().await["event"].take();
        assert_eq!(event["correlation_id"], reload.command_id);
        types.push(event["event_type"].as_str().unwrap().to_owned());
    }
    let expected = [
        "CommandTaken",
        "ReloadBegan",
        "ProviderReloaded",
        "ProviderReloaded",
        "ReloadEnded",
    ];
    assert_eq!(types, expected);
    let mut other = Wire::connect(&folder.socket()).await;
    let state = other.state().await;
    assert_eq!(state["config_version"], "1");
    assert_eq!(state["providers"][0]["last_reload"], "applied");
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn service_without_a_reloader_is_not_stopped_by_reload() {
    let live = Live::start().await;
    let result = live.wire().await.command(&command(Kind::Reload)).await;

    assert_eq!(result["accepted"], false);
    let message = result["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("this service has nothing to reload in place"),
        "{message}"
    );
    assert!(live.handle.is_running());
    live.stop().await;
}

/// Starts when it is told to.
struct Slow(std::sync::Arc<tokio::sync::Notify>);

#[async_trait::async_trait]
impl NodeLifecycle for Slow {
    async fn on_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        self.0.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn service_that_starts_can_be_looked_at_and_stopped_and_nothing_else() {
    let folder = Folder::new();
    let service = Service::builder(Slow(std::sync::Arc::default()))
        .supervise(calm("feed"))
        .dashboard(config(&folder))
        .build();
    let handle = service.handle();
    let ended = spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Start)
        .await;
    let mut wire = Wire::connect(&folder.socket()).await;

    let state = wire.state().await;
    assert_eq!(state["service"]["phase"], "start");
    assert_eq!(state["runtime_state"][0]["lifecycle_state"], "pending");
    assert_eq!(state["child_runtime_records"][0]["status"], Value::Null);
    let restart = wire
        .command(&command(Kind::RestartChild).child("feed"))
        .await;
    assert_eq!(
        shown(&restart["error"]),
        "target_unavailable @ command_dispatch"
    );
    assert_eq!(restart["error"]["retryable"], true);
    let why = wire.result("why", json!({})).await;
    assert_eq!(why["why"], "starting, in phase start");
    let stop = wire.command(&command(Kind::RequestShutdown)).await;
    assert_eq!(stop["state_delta"]["result"]["stopping"], true);
    assert!(ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn command_that_takes_too_long_is_answered_and_goes_on() {
    let stubborn = ChildSpec::factory("stubborn", |cx| async move {
        cx.shutdown.cancelled().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(())
    });
    let live = Live::with(Supervisor::new().child(stubborn), |mut config| {
        config.command_timeout_seconds = 1;
        config
    })
    .await;
    let mut wire = live.wire().await;

    let result = wire.command(&command(Kind::ShutdownTree)).await;

    assert_eq!(
        shown(&result["error"]),
        "command_timeout @ command_dispatch"
    );
    assert_eq!(result["error"]["retryable"], true);
    let tree = live.handle.supervisor();
    assert!(
        tree.wait_for("/stubborn", ChildPhase::Stopped)
            .await
            .is_ok()
    );
    live.stop().await;
}

#[tokio::test]
async fn restart_that_waits_for_the_old_attempt_is_told_as_pending() {
    let (release, released) = tokio::sync::watch::channel(false);
    let slow = ChildSpec::factory("slow", move |cx| {
        let mut released = released.clone();
        async move {
            cx.shutdown.cancelled().await;
            let _ = released.wait_for(|is_released| *is_released).await;
            Ok(())
        }
    });
    let live = Live::with(Supervisor::new().child(slow), |config| config).await;
    let running = ChildPhase::Running;
    let tree = live.handle.supervisor();
    tree.wait_for("/slow", running).await.unwrap();
    let mut wire = live.wire().await;
    wire.command(&command(Kind::RestartChild).child("/slow"))
        .await;

    let state = wire.state().await;
    let record = &state["child_runtime_records"][0];
    assert_eq!(record["generation_fence_phase"], "waiting_for_old_stop");
    let pending = json!({ "old_generation": 1, "old_attempt": 1, "target_generation": 2 });
    assert_eq!(record["pending_restart"], pending);
    release.send(true).unwrap();
    let status = tree.wait_for("/slow", running).await.unwrap();
    assert_eq!(status.generation, 2);
    live.stop().await;
}
