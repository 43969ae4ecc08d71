use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use dig_rpc_types::errors::ErrorCode;
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::control::Control;
use crate::phase::Phase;

mod limits;

const EXAMPLES: &str =
    include_str!("../../../../../dig-rpc-types/tests/data/jsonrpc-2.0-examples.json");

/// Has the methods of the specification's examples, and some that misbehave.
#[derive(Default)]
struct Examples {
    called: Mutex<Vec<String>>,
    gate: Notify,
    running: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl RpcApi for Examples {
    async fn dispatch(&self, method: &str, params: Value) -> Result<Value, JsonRpcError> {
        self.called.lock().unwrap().push(method.to_owned());
        let number = |key: &str| params[key].as_i64().unwrap_or_default();
        let numbers = || params.as_array().into_iter().flatten();
        match method {
            "subtract" if params.is_array() => {
                let number = |at: usize| params[at].as_i64().unwrap_or_default();
                Ok(json!(number(0) - number(1)))
            }
            "subtract" => Ok(json!(number("minuend") - number("subtrahend"))),
            "sum" => Ok(json!(numbers().filter_map(Value::as_i64).sum::<i64>())),
            "get_data" => Ok(json!(["hello", 5])),
            "update" | "notify_hello" | "notify_sum" => Ok(Value::Null),
            "echo" => Ok(params),
            "panic" => panic!("the secret"),
            "gate" => {
                let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
                self.most.fetch_max(running, Ordering::SeqCst);
                self.gate.notified().await;
                self.running.fetch_sub(1, Ordering::SeqCst);
                Ok(params)
            }
            "never" => std::future::pending().await,
            _ => Err(ErrorCode::MethodNotFound.into()),
        }
    }
}

struct Server {
    control: Arc<Control>,
    calls: Arc<Calls<Examples>>,
}

fn server(max_concurrent_calls: usize) -> Server {
    let control = Arc::new(Control::new(
        "test",
        crate::control::ControlSettings::default(),
    ));
    control.enter(Phase::Running);
    let calls = Arc::new(Calls {
        gate: Gate::default(),
        api: Arc::new(Examples::default()),
        door: Door::new(Arc::clone(&control), max_concurrent_calls),
        batch_limit: 100,
        call_timeout: Duration::from_secs(30),
    });
    Server { control, calls }
}

impl Server {
    async fn send(&self, text: impl AsRef<str>) -> (Value, Option<Refusal>) {
        let text = text.as_ref().as_bytes();
        let reply = self.calls.answer(RpcContext::LOCAL, text).await;
        (read(reply.body.as_deref()), reply.refusal)
    }

    /// Starts to answer `text` in a task of its own.
    fn start(&self, text: String) -> tokio::task::JoinHandle<(Value, Option<Refusal>)> {
        let calls = Arc::clone(&self.calls);
        spawn(async move {
            let reply = calls.answer(RpcContext::LOCAL, text.as_bytes()).await;
            (read(reply.body.as_deref()), reply.refusal)
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own task, joined by the test"
)]
fn spawn<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::spawn(future)
}

/// Lets all other tasks get as far as they can.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn read(body: Option<&[u8]>) -> Value {
    body.map_or(Value::Null, |body| {
        serde_json::from_slice(body).expect("an answer is JSON")
    })
}

fn call(id: usize, method: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":[{id}]}}"#)
}

fn batch(method: &str, ids: std::ops::Range<usize>) -> String {
    let calls: Vec<_> = ids.map(|id| call(id, method)).collect();
    format!("[{}]", calls.join(","))
}

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

/// What the specification leaves to the server is left out of the comparison.
fn without_data(mut answer: Value) -> Value {
    let answers = match &mut answer {
        Value::Array(answers) => answers.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for answer in answers {
        if let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("data");
        }
    }
    answer
}

#[tokio::test]
async fn the_specifications_examples_are_answered_as_it_says() {
    let examples: Vec<Value> = serde_json::from_str(EXAMPLES).unwrap();
    assert_eq!(examples.len(), 15);
    for example in examples {
        let (answer, refusal) = server(8).send(example["request"].as_str().unwrap()).await;

        assert_eq!(
            without_data(answer),
            example["response"],
            "{}",
            example["name"]
        );
        assert_eq!(refusal, None);
    }
}

#[tokio::test]
async fn a_notification_is_run_and_not_answered() {
    let server = server(8);
    for method in ["update", "foobar", "panic"] {
        let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#);
        let reply = server
            .calls
            .answer(RpcContext::LOCAL, text.as_bytes())
            .await;
        assert!(reply.body.is_none());
    }
    assert_eq!(
        *server.calls.api.called.lock().unwrap(),
        ["update", "foobar", "panic"]
    );
}

#[tokio::test]
async fn a_null_id_is_answered() {
    let (answer, _) = server(8)
        .send(r#"{"jsonrpc":"2.0","id":null,"method":"get_data"}"#)
        .await;

    assert_eq!(
        answer,
        json!({"jsonrpc": "2.0", "id": null, "result": ["hello", 5]})
    );
}

#[tokio::test]
async fn a_null_result_is_a_result() {
    let server = server(8);
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"update"}"#;
    let reply = server.calls.answer(RpcContext::LOCAL, request).await;

    assert_eq!(
        reply.body.as_deref(),
        Some(&br#"{"jsonrpc":"2.0","id":1,"result":null}"#[..])
    );
}

#[tokio::test]
async fn reserved_names_do_not_reach_the_api() {
    let server = server(8);
    for method in ["rpc.", "rpc.foo", "rpc.discover.x"] {
        assert_eq!(code(&server.send(call(1, method)).await.0), -32601);
    }
    assert!(server.calls.api.called.lock().unwrap().is_empty());

    server.send(call(1, "rpc.discover")).await;
    server.send(call(1, "rpcx")).await;
    assert_eq!(
        *server.calls.api.called.lock().unwrap(),
        ["rpc.discover", "rpcx"]
    );
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_tells_nothing() {
    let server = server(1);
    let (answer, _) = server.send(call(1, "panic")).await;

    assert_eq!(
        answer,
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "internal error"}})
    );
    assert_eq!(server.send(call(2, "echo")).await.0["result"], json!([2]));
}

#[test]
fn answers_are_written_as_the_wire_types_write_them() {
    let error = JsonRpcError::new(ErrorCode::NotSynced, "behind").with_data(json!({"by": 3}));
    for result in [Ok(json!({"a": [1, "ü"]})), Ok(Value::Null), Err(error)] {
        for id in [RequestId::Num(1), RequestId::Null, RequestId::from("x\"")] {
            let theirs = dig_rpc_types::JsonRpcResponse {
                jsonrpc: dig_rpc_types::Version,
                id: id.clone(),
                body: result.clone().into(),
            };

            let ours = answer::one(&id, &result);

            assert_eq!(ours, serde_json::to_vec(&theirs).unwrap());
        }
    }
}

proptest! {
    #[test]
    fn a_batch_is_answered_in_order_request_by_request(
        kinds in proptest::collection::vec(0_u8..6, 1..20),
        room in 1_usize..5,
    ) {
        let mut entries = Vec::new();
        let mut expected = Vec::new();
        for (id, kind) in kinds.into_iter().enumerate() {
            let (entry, due) = match kind {
                0 => (call(id, "echo"), Some((json!(id), 0))),
                1 => (call(id, "foobar"), Some((json!(id), -32601))),
                2 => (call(id, "panic"), Some((json!(id), -32603))),
                3 => (r#"{"jsonrpc":"2.0","method":"update"}"#.to_owned(), None),
                4 => (format!(r#"{{"id":{id}}}"#), Some((json!(id), -32600))),
                _ => (id.to_string(), Some((Value::Null, -32600))),
            };
            entries.push(entry);
            expected.extend(due);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let text = format!("[{}]", entries.join(","));

        let (answers, refusal) = runtime.block_on(server(room).send(text));

        let answers: Vec<_> = answers.as_array().into_iter().flatten().collect();
        let told: Vec<_> = answers.iter().map(|a| (a["id"].clone(), code(a))).collect();
        prop_assert_eq!(told, expected);
        prop_assert_eq!(refusal, None);
    }
}
