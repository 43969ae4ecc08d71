//! `#[rpc_group]` and `groups(..)`.

use std::sync::Arc;

use dig_service::client::{HttpTransport, Local, RpcTransport};
use dig_service::rpc_http::HttpOptions;
use dig_service::{RpcApi, RpcContext, Service};
use serde_json::{Value, json};

use crate::running::Running;

/// A node of several blocks, with parameters.
struct Node<S> {
    store: S,
}

#[dig_service::node(name = "node", groups(chain, r#mod), admin)]
impl<S: Send + Sync + 'static> Node<S> {
    #[rpc]
    fn version(&self) -> u32 {
        2
    }
}

#[dig_service::rpc_group(chain, namespace = "chain", separator = ".", client = ChainClient)]
impl<S: Send + Sync + 'static> Node<S> {
    /// How high it is.
    #[rpc(alias = "tip")]
    async fn height(&self, above: u64) -> u64 {
        12 - above
    }

    #[cfg(any())]
    #[rpc]
    fn version(&self) -> Nothing {}
}

#[dig_service::rpc_group(r#mod, rename_all = "camelCase")]
impl<S: Send + Sync + 'static> Node<S> {
    #[rpc]
    fn store_size(&self, _cx: RpcContext) -> usize {
        size_of_val(&self.store)
    }

    #[cfg(any())]
    #[rpc]
    fn version(&self) -> Nothing {}
}

async fn call(api: &impl RpcApi, method: &str, params: Value) -> Result<Value, i32> {
    let answer = api.dispatch(method, params).await;
    answer.map_err(|error| error.code.code())
}

#[tokio::test]
async fn each_block_answers_to_its_own_names() {
    let node = Node { store: 7_u64 };

    assert_eq!(call(&node, "version", json!([])).await, Ok(json!(2)));
    assert_eq!(
        call(&node, "chain.height", json!({ "above": 2 })).await,
        Ok(json!(10))
    );
    assert_eq!(call(&node, "tip", json!([1])).await, Ok(json!(11)));
    assert_eq!(call(&node, "storeSize", Value::Null).await, Ok(json!(8)));
    assert_eq!(
        call(&node, "chain.height", json!([1, 2])).await,
        Err(-32602)
    );
    assert_eq!(call(&node, "height", json!([1])).await, Err(-32601));
}

#[test]
fn methods_are_those_of_all_blocks_for_each_type() {
    let names = |methods: &'static [dig_service::MethodInfo]| -> Vec<&str> {
        let own = methods.iter().filter(|method| method.tier().is_none());
        own.map(dig_service::MethodInfo::name).collect()
    };

    let first = Node::<u64>::methods();
    assert_eq!(names(first), ["version", "chain.height", "storeSize"]);
    assert_eq!(first.len(), 3 + 9);
    assert_eq!(names(Node::<u8>::methods()), names(first));
    // Joined once.
    assert!(std::ptr::eq(first, Node::<u64>::methods()));
}

#[tokio::test]
async fn group_has_a_client_of_its_own() {
    let client = ChainClient::new(Local::new(Arc::new(Node { store: () })));
    assert_eq!(client.height(2).await.unwrap(), 10);
}

#[tokio::test]
async fn groups_of_a_struct_stand_on_its_methods() {
    #[dig_service::node(name = "relay")]
    struct Relay;
    #[dig_service::methods(groups(peers))]
    impl Relay {}
    #[dig_service::rpc_group(peers)]
    impl Relay {
        #[rpc]
        fn peers(&self) -> u32 {
            3
        }
    }

    assert_eq!(call(&Relay, "peers", json!([])).await, Ok(json!(3)));
    assert_eq!(Relay::methods().len(), 1);
}

#[tokio::test]
async fn tiers_of_a_group_are_refused_as_those_of_the_node() {
    struct Tiered;
    #[dig_service::node(groups(steering))]
    impl Tiered {}
    #[dig_service::rpc_group(steering)]
    impl Tiered {
        #[rpc(tier = "control")]
        fn turn(&self) -> u32 {
            3
        }
    }
    let options = HttpOptions::new("127.0.0.1:0").refuse_tier("control");
    let service = Service::node_builder(Tiered).rpc_http_with(options).build();
    let running = Running::start(service).await;

    let transport = HttpTransport::new(&running.url("http")).unwrap();
    let answer = transport.call("turn", Value::Null).await;
    assert_eq!(answer.unwrap().unwrap_err().code.code(), 10003);
    running.stop().await;
}
