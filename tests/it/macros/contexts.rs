//! The context of a call, in each of its forms.

use dig_service::{RpcApi, RpcContext, Transport};
use serde_json::{Value, json};

type Who = RpcContext;

struct Chain;

#[dig_service::node]
impl Chain {
    #[rpc]
    fn whole_with_context(&self, cx: &RpcContext, #[params] all: Value) -> (String, Value) {
        (cx.transport().to_string(), all)
    }

    #[rpc]
    fn context(&self, x: u64, cx: &RpcContext) -> (u64, bool) {
        (x, cx.transport() == Transport::Local)
    }

    #[rpc]
    fn contexts(&self, #[ctx] who: &Who, x: u64) -> (u64, bool) {
        (x, who.service().is_none())
    }

    #[rpc]
    async fn own_context(&self, cx: RpcContext) -> String {
        cx.transport().to_string()
    }
}

#[tokio::test]
async fn a_context_is_not_a_param() {
    let table = [
        ("whole_with_context", json!([1]), json!(["local", [1]])),
        ("context", json!({"x": 4}), json!([4, true])),
        ("contexts", json!([5]), json!([5, true])),
        ("own_context", json!({}), json!("local")),
    ];

    for (method, params, expected) in table {
        assert_eq!(
            Chain.dispatch(method, params).await,
            Ok(expected),
            "{method}"
        );
    }
}

struct Plain;

#[async_trait::async_trait]
impl RpcApi for Plain {
    async fn dispatch(&self, method: &str, _: Value) -> Result<Value, dig_service::JsonRpcError> {
        Ok(json!(method))
    }
}

#[tokio::test]
async fn an_api_written_by_hand_needs_no_context() {
    let answer = Plain
        .dispatch_cx(RpcContext::LOCAL, "get", Value::Null)
        .await;

    assert_eq!(answer, Ok(json!("get")));
}
