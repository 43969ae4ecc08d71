//! Literals, matches and implementations that other people's code has.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use dig_service::{
    DisconnectReason, ExitReason, ExitStatus, InboundMessage, NodeLifecycle, PeerApi, PeerId,
    PeerInfo, RpcApi, RunContext, Service, ServiceError, ServiceHandle, ShutdownReason,
    ShutdownToken, StartContext, StopContext, TaskRegistry,
};
use serde_json::{Value, json};

struct Node;

#[async_trait]
impl NodeLifecycle for Node {
    async fn pre_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }
    async fn on_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }
    async fn run(&self, _: RunContext) -> anyhow::Result<()> {
        Ok(())
    }
    async fn on_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }
    async fn post_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }
}

struct Peers;

#[async_trait]
impl PeerApi for Peers {
    async fn on_message(&self, _peer: PeerId, msg: InboundMessage) -> anyhow::Result<()> {
        anyhow::ensure!(msg.opcode == 7 && msg.payload == [1, 2], "what is this");
        Ok(())
    }
}

struct Rpc;

#[async_trait]
impl RpcApi for Rpc {
    async fn dispatch(&self, method: &str, params: Value) -> Result<Value, JsonRpcError> {
        match method {
            "echo" => Ok(params),
            _ => Err(JsonRpcError {
                code: ErrorCode::MethodNotFound,
                message: "nothing here".to_string(),
                data: None,
            }),
        }
    }
}

#[tokio::test]
async fn contexts_are_built_by_literals() {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let start = StartContext {
        name: "unit",
        shutdown: ShutdownToken::new(),
        tasks: &tasks,
    };
    Node.pre_start(&start).await.unwrap();
    let run = RunContext {
        shutdown: ShutdownToken::new(),
        tasks: tasks.clone(),
    };
    Node.run(run).await.unwrap();
    let exit_reason = ExitReason::RunCompleted;
    let stop = StopContext {
        shutdown: ShutdownToken::new(),
        tasks: &tasks,
        exit_reason,
    };
    Node.post_stop(&stop).await.unwrap();
}

#[tokio::test]
async fn slots_are_filled_and_borrowed() {
    let service = Service::new(Node, Peers, Rpc);
    let message = InboundMessage {
        opcode: 7,
        payload: vec![1, 2],
    };
    service
        .peer_api()
        .on_message([0; 32], message)
        .await
        .unwrap();
    let info = PeerInfo {
        peer_id: [0; 32],
        remote_addr: "127.0.0.1:1".to_string(),
        node_type: "full".to_string(),
    };
    service.peer_api().on_peer_connected([0; 32], info).await;
    service
        .peer_api()
        .on_peer_disconnected([0; 32], DisconnectReason::LocalClose)
        .await;
    assert_eq!(
        service
            .rpc_api()
            .dispatch("echo", json!([1]))
            .await
            .unwrap(),
        json!([1])
    );
    assert!(service.rpc_api().healthz().await.is_ok());
    let handle: ServiceHandle = service.handle();
    assert_eq!(handle.name(), "");
    assert!(handle.is_running() && handle.tasks().is_empty());
    assert!(!service.shutdown_token().is_cancelled());
    assert!(service.tasks().is_empty());
    let _: &Arc<Node> = service.node();

    assert!(matches!(
        service.start().await.unwrap().reason,
        ExitReason::RunCompleted
    ));
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(!handle.is_running());
}

#[tokio::test]
async fn unit_rpc_slot_finds_no_method() {
    let error = RpcApi::dispatch(&(), "anything", Value::Null)
        .await
        .unwrap_err();

    assert_eq!(error.code, ErrorCode::MethodNotFound);
    PeerApi::on_message(
        &(),
        [0; 32],
        InboundMessage {
            opcode: 0,
            payload: vec![],
        },
    )
    .await
    .unwrap();
}

#[test]
fn errors_are_matched_without_a_wildcard() {
    let boom = Arc::new(anyhow::anyhow!("boom"));
    let errors = [
        ServiceError::PreStartFailed(boom.clone()),
        ServiceError::OnStartFailed(boom.clone()),
        ServiceError::RunFailed(boom.clone()),
        ServiceError::OnStopFailed(boom),
        ServiceError::ShutdownDeadlineExceeded {
            deadline: Duration::from_secs(1),
            pending: 2,
        },
        ServiceError::AlreadyRunning,
        ServiceError::AlreadyStopped,
    ];
    let named = errors.iter().map(|error| match error.clone() {
        ServiceError::PreStartFailed(e)
        | ServiceError::OnStartFailed(e)
        | ServiceError::RunFailed(e)
        | ServiceError::OnStopFailed(e) => e.to_string(),
        ServiceError::ShutdownDeadlineExceeded { deadline, pending } => {
            format!("{deadline:?} {pending}")
        }
        ServiceError::AlreadyRunning => "running".to_string(),
        ServiceError::AlreadyStopped => "stopped".to_string(),
    });
    assert_eq!(
        named.collect::<Vec<_>>(),
        ["boom", "boom", "boom", "boom", "1s 2", "running", "stopped"]
    );
}

#[test]
fn reasons_are_matched_without_a_wildcard() {
    let code = |reason: &ShutdownReason| match reason {
        ShutdownReason::UserRequested
        | ShutdownReason::RpcRequested
        | ShutdownReason::ReloadRequested
        | ShutdownReason::RequestedByRun => 0,
        ShutdownReason::Fatal(_) => 1,
    };
    for (reason, expected) in [
        (ShutdownReason::UserRequested, 0),
        (ShutdownReason::Fatal("x".to_string()), 1),
    ] {
        assert_eq!(code(&reason), expected);
        let status = ExitStatus {
            reason: ExitReason::RequestedShutdown(reason),
        };
        assert_eq!(status.is_graceful(), expected == 0);
    }
}
