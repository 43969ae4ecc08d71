use serde_json::{Value, json};

use super::*;
use crate::dashboard::{ControlCommandRequest, DashboardIpcConfig};
use crate::{NodeLifecycle, Service};

struct Node;

impl NodeLifecycle for Node {}

fn dashboard() -> DashboardIpcService {
    let handle = Service::new(Node, (), ()).handle();
    let config = DashboardIpcConfig::new("t", "/run/t.sock")
        .validate()
        .unwrap();
    DashboardIpcService::new(config, DashboardView::new(&handle))
}

fn request(command: &ControlCommandRequest) -> IpcRequest {
    let params = serde_json::to_value(command).unwrap();
    IpcRequest::new("r", IpcMethod::Command(command.command), Some(params))
}

#[tokio::test]
async fn inv_d2_id_that_another_user_has_used_is_refused() {
    let (dashboard, own) = (dashboard(), Peer::own());
    let other = Peer {
        uid: own.uid + 1,
        ..own
    };
    let kind = ControlCommandKind::RestartChild;
    let command = ControlCommandRequest::new("t", kind, ("alice", "why")).child("feed");

    let first = dashboard.answer(request(&command), own).await;
    assert!(first.ok);
    let second = dashboard.answer(request(&command), other).await;

    let error = second.error.unwrap();
    assert_eq!(error.code, DashboardErrorCode::ReplayDetected);
    assert_eq!(error.stage, DashboardStage::ReplayProtection);
    assert_eq!(error.target_id.as_deref(), Some("t"));
    assert_eq!(dashboard.answer(request(&command), own).await, first);
}

#[tokio::test]
async fn inv_d2_id_is_the_same_however_it_is_spelt() {
    let (dashboard, own) = (dashboard(), Peer::own());
    let kind = ControlCommandKind::RestartChild;
    let mut command = ControlCommandRequest::new("t", kind, ("alice", "why")).child("feed");
    let plain = command.command_id.clone();
    let id_of = |response: IpcResponse| match response.result {
        Some(IpcResult::CommandResult { result, .. }) => {
            (result.command_id, result.completed_at_unix_nanos)
        }
        other => panic!("{other:?}"),
    };
    let (id, at) = id_of(dashboard.answer(request(&command), own).await);
    assert_eq!(id, plain);

    for spelt in [
        plain.to_uppercase(),
        format!("{{{plain}}}"),
        plain.replace('-', ""),
    ] {
        command.command_id.clone_from(&spelt);
        // The first answer, under the id as it was given.
        assert_eq!(
            id_of(dashboard.answer(request(&command), own).await),
            (spelt, at)
        );
    }
}

#[tokio::test]
async fn validation_comes_before_the_memory_of_ids() {
    let (dashboard, own) = (dashboard(), Peer::own());
    let kind = ControlCommandKind::RemoveChild;
    let bare = ControlCommandRequest::new("t", kind, ("alice", "why")).child("feed");

    let refused = dashboard.answer(request(&bare), own).await;
    assert_eq!(
        refused.error.unwrap().code,
        DashboardErrorCode::ValidationFailed
    );

    // What was refused was not remembered: the same id may be used with what was missing.
    assert!(dashboard.answer(request(&bare.confirmed()), own).await.ok);
}

#[tokio::test]
async fn moments_are_taken_as_numbers_as_well() {
    let dashboard = dashboard();
    let kind = ControlCommandKind::RestartChild;
    let command = ControlCommandRequest::new("t", kind, ("alice", "why")).child("feed");
    let mut params = serde_json::to_value(&command).unwrap();
    params["requested_at_unix_nanos"] = json!(1_700_000_000_000_000_000_u64);
    let request = |params: Value| IpcRequest::new("r", IpcMethod::Command(kind), Some(params));

    assert!(dashboard.handle_request(request(params.clone())).await.ok);
    for wrong in [json!(-1), json!(1.5), json!("soon"), Value::Null] {
        params["requested_at_unix_nanos"] = wrong;
        let error = dashboard
            .handle_request(request(params.clone()))
            .await
            .error;
        assert_eq!(
            error.unwrap().code,
            DashboardErrorCode::InvalidCommandParams
        );
    }
}
