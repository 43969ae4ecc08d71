//! How names are made and params come, each option written out.

use std::sync::Arc;

use dig_service::client::Local;
use dig_service::{ErrorCode, ParamStructure, RpcApi};
use serde_json::{Value, json};

struct Snake;

#[expect(non_snake_case, reason = "names that are to be spelt anew")]
#[dig_service::node(rename_all = "snake_case", namespace = "chain")]
impl Snake {
    #[rpc]
    fn getBlockHash(&self, blockHeight: u64) -> u64 {
        blockHeight
    }
}

#[tokio::test]
async fn names_can_be_spelt_in_snake_case() {
    let answer = Snake
        .dispatch("chain_get_block_hash", json!({ "block_height": 3 }))
        .await;

    assert_eq!(answer, Ok(json!(3)));
    let params = Snake::methods()[0].params();
    assert_eq!(params[0].name(), "block_height");
}

#[dig_service::node(name = "relay")]
struct Relay;

#[dig_service::methods(
    namespace = "relay",
    separator = "/",
    rename_all = "camelCase",
    admin,
    discover,
    client = RelayClient
)]
impl Relay {
    #[rpc]
    fn peer_count(&self, at_least: u32) -> u32 {
        at_least + 1
    }
}

#[tokio::test]
async fn methods_of_a_struct_take_the_options_of_a_block() {
    let names: Vec<_> = Relay::methods()
        .iter()
        .map(|method| method.name())
        .collect();
    assert_eq!(names[..2], ["relay/peerCount", "admin.state"]);
    assert_eq!(names.len(), 1 + 9);

    let answer = Relay
        .dispatch("relay/peerCount", json!({ "atLeast": 2 }))
        .await;
    assert_eq!(answer, Ok(json!(3)));

    let outside = Relay.dispatch("admin.state", Value::Null).await;
    assert_eq!(outside.unwrap_err().code, ErrorCode::ResourceNotFound);

    let document = Relay.dispatch("rpc.discover", Value::Null).await.unwrap();
    assert_eq!(document["methods"][0]["name"], "relay/peerCount");

    let client = RelayClient::new(Local::new(Arc::new(Relay)));
    assert_eq!(client.peer_count(4).await.unwrap(), 5);
}

struct Structured;

#[dig_service::node]
impl Structured {
    #[rpc(params = "either")]
    fn either(&self, a: u8, b: u8) -> u8 {
        a * 10 + b
    }

    #[rpc(params = "named")]
    fn named(&self, a: u8, b: u8) -> u8 {
        a * 10 + b
    }

    #[rpc(params = "positional")]
    fn positional(&self, a: u8, b: u8) -> u8 {
        a * 10 + b
    }
}

#[tokio::test]
async fn params_come_as_the_method_says() {
    let answers = async |params: Value| {
        let mut answered = Vec::new();
        for method in ["either", "named", "positional"] {
            let answer = Structured.dispatch(method, params.clone()).await;
            if answer == Ok(json!(12)) {
                answered.push(method);
            }
        }
        answered
    };

    assert_eq!(answers(json!([1, 2])).await, ["either", "positional"]);
    let named = json!({ "b": 2, "a": 1 });
    assert_eq!(answers(named).await, ["either", "named"]);
    let structures = Structured::methods().iter();
    assert_eq!(
        structures
            .map(|method| method.structure())
            .collect::<Vec<_>>(),
        [
            ParamStructure::Either,
            ParamStructure::ByName,
            ParamStructure::ByPosition
        ]
    );
}
