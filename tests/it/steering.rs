//! Commands on behalf of somebody: what they cause carries their id.

use std::sync::Arc;

use dig_service::registry::{Provider, Registry};
use dig_service::supervisor::Audit;
use dig_service::{
    Command, EventKind, NodeLifecycle, Reply, Service, ServiceHandle, ShutdownReason,
};

struct Node;

impl NodeLifecycle for Node {}

struct Part;

impl Provider for Part {}

fn audit(who: &str, id: &str) -> Audit {
    match Audit::new(who, "a test") {
        Ok(audit) => audit.with_correlation(id),
        Err(error) => panic!("{error}"),
    }
}

/// The ids of the events of a kind, in order.
async fn ids(handle: &ServiceHandle, is_wanted: impl Fn(&EventKind) -> bool) -> Vec<String> {
    let mut events = handle.subscribe_after(0);
    let mut ids = Vec::new();
    while let Some(Ok(event)) = events.next().await {
        let is_last = matches!(event.kind, EventKind::Ended { .. });
        if is_wanted(&event.kind) {
            ids.push(event.correlation.as_deref().unwrap_or("-").to_owned());
        }
        if is_last {
            break;
        }
    }
    ids
}

#[tokio::test]
async fn stop_and_hurry_are_told_apart_by_their_ids() {
    let service = Service::new(Node, (), ());
    let handle = service.handle();
    let reason = ShutdownReason::UserRequested;
    let reply = handle.send_audited(Command::Shutdown(reason.clone()), audit("alice", "c1"));
    assert!(matches!(reply, Reply::Accepted));
    handle.send_audited(Command::Hurry(reason), audit("bob", "c2"));
    assert!(service.start().await.is_ok());

    let is_command = |kind: &EventKind| matches!(kind, EventKind::CommandTaken(_));
    assert_eq!(ids(&handle, is_command).await, ["c1", "c2"]);
    let is_hurry = |kind: &EventKind| matches!(kind, EventKind::ShutdownHurried);
    assert_eq!(ids(&handle, is_hurry).await, ["c2"]);
    let is_end = |kind: &EventKind| matches!(kind, EventKind::Ended { .. });
    assert_eq!(ids(&handle, is_end).await, ["c1"]);
    let late = handle.send_audited(Command::Reload, audit("carol", "c3"));
    assert!(matches!(late, Reply::Over));
    assert_eq!(ids(&handle, is_command).await, ["c1", "c2"]);
}

#[tokio::test]
async fn reload_of_a_service_that_stops_is_refused_and_not_written_down() {
    let registry = Registry::new();
    registry.insert(Arc::new(Part));
    let service = Service::builder(Node).providers(registry, ()).build();
    let handle = service.handle();
    handle.request_shutdown(ShutdownReason::UserRequested);

    let reply = handle.send_audited(Command::Reload, audit("alice", "c1"));

    assert!(matches!(reply, Reply::Stopping));
    assert!(service.start().await.is_ok());
    let is_reload = |kind: &EventKind| match kind {
        EventKind::CommandTaken(taken) => taken.command == "reload",
        kind => matches!(kind, EventKind::ReloadBegan),
    };
    assert!(ids(&handle, is_reload).await.is_empty());
}

#[tokio::test]
async fn command_without_an_id_gets_one() {
    let service = Service::new(Node, (), ());
    let handle = service.handle();
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(service.start().await.is_ok());

    let is_end = |kind: &EventKind| matches!(kind, EventKind::Ended { .. });
    assert_eq!(ids(&handle, is_end).await, ["command-1"]);
}
