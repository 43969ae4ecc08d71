//! The socket in the life of its service.

use std::time::Duration;

use dig_service::dashboard::{ClientError, DashboardClient, DashboardIpcConfig};
use dig_service::{
    Deadlines, NodeLifecycle, Service, ServiceError, ShutdownReason, StartContext, StopContext,
    TaskKind,
};
use serde_json::json;

use super::wire::Wire;
use super::{Folder, Live, Node, config, exists, spawn};

#[tokio::test]
async fn bad_configuration_fails_the_start_and_names_the_key() {
    let config = DashboardIpcConfig::new("node-1", "relative.sock");
    let error = Service::builder(Node)
        .dashboard(config)
        .build()
        .start()
        .await
        .unwrap_err();

    let ServiceError::PreStartFailed(error) = error else {
        panic!("{error}");
    };
    let text = format!("{error:#}");
    assert!(text.contains("path: `relative.sock` is relative"), "{text}");
}

struct Failing;

#[async_trait::async_trait]
impl NodeLifecycle for Failing {
    async fn pre_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        anyhow::bail!("no disk")
    }
}

#[tokio::test]
async fn socket_is_removed_after_a_start_that_failed() {
    let folder = Folder::new();
    let service = Service::builder(Failing).dashboard(config(&folder)).build();

    assert!(service.start().await.is_err());

    assert!(!exists(&folder.socket()));
    assert!(exists(&folder.0));
}

#[tokio::test]
async fn second_service_with_the_same_socket_does_not_start() {
    let live = Live::start().await;
    let second = Service::builder(Node)
        .dashboard(config(&live.folder))
        .build();

    let error = format!(
        "{:#}",
        anyhow::Error::new(second.start().await.unwrap_err())
    );

    assert!(
        error.contains("IPC path is served by a live process"),
        "{error}"
    );
    assert_eq!(live.wire().await.call("hello", json!({})).await["ok"], true);
    live.stop().await;
}

/// Asks its own socket from inside its last hook.
struct Asking(std::path::PathBuf);

#[async_trait::async_trait]
impl NodeLifecycle for Asking {
    async fn post_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        let mut wire = Wire::connect(&self.0).await;
        let why = wire.result("why", json!({})).await;
        let expected =
            "stopping (requested over RPC), in phase post_stop, waiting for hook `post_stop`";
        let text = why["why"].as_str().unwrap_or_default();
        anyhow::ensure!(text.starts_with(expected), "{text}");
        Ok(())
    }
}

#[tokio::test]
async fn socket_answers_inside_post_stop_and_nobody_after_it() {
    let folder = Folder::new();
    let service = Service::builder(Asking(folder.socket()))
        .dashboard(config(&folder))
        .build();
    let started = spawn(service.start());
    while !exists(&folder.socket()) {
        tokio::task::yield_now().await;
    }
    let mut wire = Wire::connect(&folder.socket()).await;

    let stop = dig_service::dashboard::ControlCommandKind::RequestShutdown;
    let result = wire.command(&super::wire::command(stop)).await;

    assert_eq!(result["accepted"], true);
    let ended = started.await.unwrap();
    assert!(ended.is_ok(), "{ended:?}");
    let refused = DashboardClient::connect(folder.socket()).await.unwrap_err();
    assert!(matches!(refused, ClientError::Io(_)));
}

#[tokio::test]
async fn why_names_what_holds_up_a_stop_with_its_age_and_the_time_left() {
    let folder = Folder::new();
    let deadlines = Deadlines::default().with_total(Duration::from_secs(20));
    let service = Service::builder(Node)
        .deadlines(deadlines)
        .dashboard(config(&folder))
        .build();
    let handle = service.handle();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    service
        .tasks()
        .spawn("slow flush", TaskKind::Maintenance, async move {
            let _ = released.await;
            Ok(())
        });
    let ended = spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == dig_service::Phase::Running)
        .await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    handle.request_shutdown(ShutdownReason::UserRequested);
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == dig_service::Phase::Joining)
        .await;
    let mut wire = Wire::connect(&folder.socket()).await;

    let why = wire.result("why", json!({})).await;

    let text = why["why"].as_str().unwrap();
    let begins = "stopping (requested by the user), in phase joining, waiting for 1 task(s): slow flush [slow flush: ";
    assert!(text.starts_with(begins), "{text}");
    let (age, rest) = text[begins.len()..].split_once(' ').unwrap();
    assert!(age.parse::<f64>().unwrap() >= 0.1, "{text}");
    assert!(
        rest.starts_with("s old]; ") && rest.ends_with(" s left"),
        "{text}"
    );
    let left = why["left_millis"].as_u64().unwrap();
    assert!((15_000..=20_000).contains(&left), "{left}");
    assert_eq!(why["awaited"], "1 task(s): slow flush");
    release.send(()).unwrap();
    assert!(ended.await.unwrap().is_ok());
}
