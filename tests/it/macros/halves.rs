//! Nodes of which the macro writes one half, and the user the other.

use dig_service::{
    JsonRpcError, NodeLifecycle, RpcApi, RunContext, Service, ServiceError, ShutdownReason,
};
use serde_json::{Value, json};

/// Answers every call by hand.
macro_rules! answers_by_hand {
    ($($node:ident),+) => {
        $(
            #[async_trait::async_trait]
            impl RpcApi for $node {
                async fn dispatch(&self, method: &str, _: Value) -> Result<Value, JsonRpcError> {
                    Ok(json!(format!("{method} by hand")))
                }
            }
        )+
    };
}

struct Block;

#[dig_service::node(name = "block", lifecycle_only)]
impl Block {
    #[run]
    async fn forever(&self) -> ! {
        std::future::pending().await
    }
}

#[dig_service::node(name = "struct", lifecycle_only)]
struct Struct;

#[dig_service::node(name = "split", lifecycle_only)]
struct Split;

#[dig_service::methods]
impl Split {
    #[run]
    async fn work(&self) {}
}

answers_by_hand!(Block, Struct, Split);

async fn lives_and_answers<N: NodeLifecycle + RpcApi>(node: N, name: &str) {
    assert_eq!(N::NAME, Some(name));
    let service = Service::for_node(node);
    service.request_shutdown(ShutdownReason::UserRequested);
    let api = service.rpc_api();
    let answer = api.dispatch("get", Value::Null).await;
    assert_eq!(answer, Ok(json!("get by hand")), "{name}");
    let status = service.start().await;
    assert!(status.is_ok_and(|status| status.is_graceful()), "{name}");
}

#[tokio::test]
async fn lifecycle_alone_leaves_the_calls_to_the_user() {
    lives_and_answers(Block, "block").await;
    lives_and_answers(Struct, "struct").await;
    lives_and_answers(Split, "split").await;
}

/// Runs by hand.
macro_rules! runs_by_hand {
    ($($node:ident),+) => {
        $(
            #[async_trait::async_trait]
            impl NodeLifecycle for $node {
                async fn run(&self, _: RunContext) -> anyhow::Result<()> {
                    anyhow::bail!("by hand")
                }
            }
        )+
    };
}

struct RpcBlock;

#[dig_service::node(rpc_only)]
impl RpcBlock {
    #[rpc]
    fn get(&self) -> u8 {
        1
    }
}

#[dig_service::node(rpc_only)]
struct RpcSplit;

#[dig_service::methods]
impl RpcSplit {
    #[rpc]
    fn get(&self) -> u8 {
        1
    }
}

runs_by_hand!(RpcBlock, RpcSplit);

async fn answers_and_runs<N: NodeLifecycle + RpcApi>(node: N) {
    let service = Service::for_node(node);
    let answer = service.rpc_api().dispatch("get", Value::Null).await;
    assert_eq!(answer, Ok(json!(1)));
    let ended = service.start().await;
    assert!(
        matches!(ended, Err(ServiceError::RunFailed(_))),
        "{ended:?}"
    );
}

#[tokio::test]
async fn calls_alone_leave_the_life_to_the_user() {
    answers_and_runs(RpcBlock).await;
    answers_and_runs(RpcSplit).await;
}
