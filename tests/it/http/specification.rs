//! The examples of the JSON-RPC 2.0 Specification, byte by byte; `specification.md` tells where they come from.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dig_service::{Phase, Service, ShutdownReason};
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;

const EXAMPLES: &str = include_str!("specification.json");

/// One exchange.
#[derive(Deserialize)]
struct Example {
    name: String,
    request: String,
    /// Our bytes; `None` is no body.
    response: Option<String>,
    /// The specification's text, which leaves white space, order and messages open.
    specified: Option<String>,
}

/// Has the methods that the examples call, and notes what it is notified of.
#[derive(Default)]
struct Examples {
    heard: Mutex<Vec<String>>,
}

impl Examples {
    fn heard(&self) -> MutexGuard<'_, Vec<String>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dig_service::node(name = "specification")]
impl Examples {
    #[rpc]
    fn subtract(minuend: i64, subtrahend: i64) -> i64 {
        minuend - subtrahend
    }

    #[rpc]
    fn sum(#[params] numbers: Vec<i64>) -> i64 {
        numbers.into_iter().sum()
    }

    #[rpc]
    fn get_data() -> (&'static str, u8) {
        ("hello", 5)
    }

    #[rpc(notification)]
    fn update(&self, #[params] numbers: [u8; 5]) {
        self.heard().push(format!("update {numbers:?}"));
    }

    #[rpc(notification)]
    fn notify_hello(&self, number: u8) {
        self.heard().push(format!("notify_hello {number}"));
    }

    #[rpc(notification)]
    fn notify_sum(&self, #[params] numbers: [u8; 3]) {
        self.heard().push(format!("notify_sum {numbers:?}"));
    }
}

fn examples() -> Vec<Example> {
    match serde_json::from_str(EXAMPLES) {
        Ok(examples) => examples,
        Err(error) => panic!("specification.json: {error}"),
    }
}

/// What the specification fixes of a response: not the texts of its errors, nor their data.
fn meaning(text: &str) -> Value {
    let mut response = serde_json::from_str(text).unwrap_or(Value::Null);
    let answers = match &mut response {
        Value::Array(answers) => answers.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for answer in answers {
        if let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("message");
            error.remove("data");
        }
    }
    response
}

#[tokio::test]
async fn examples_of_the_specification_are_answered_byte_by_byte() {
    let service = Service::node_builder(Examples::default())
        .rpc_http("127.0.0.1:0")
        .build();
    let (node, handle) = (Arc::clone(service.node()), service.handle());
    let calling = async {
        let mut phases = handle.phase();
        phases
            .wait_for(|now| *now == Phase::Running)
            .await
            .expect("the service lives");
        // All on one connection: an answer too many would come before the next.
        let mut client = Client::connect(handle.rpc_http_addr().expect("it listens")).await;
        for example in examples() {
            let answer = client.post(&example.request).await;

            let (status, kind, body) = match &example.response {
                Some(body) => (200, Some("application/json"), body.as_str()),
                None => (204, None, ""),
            };
            assert_eq!(answer.text(), body, "{}", example.name);
            assert_eq!(answer.status, status, "{}", example.name);
            assert_eq!(answer.header("content-type"), kind, "{}", example.name);
        }
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (status, ()) = tokio::join!(service.start(), calling);

    assert!(status.unwrap().is_graceful());
    assert_eq!(
        *node.heard(),
        [
            "update [1, 2, 3, 4, 5]",
            "notify_hello 7",
            "notify_sum [1, 2, 4]",
            "notify_hello 7"
        ]
    );
}

#[test]
fn our_answers_to_the_examples_mean_what_the_specification_says() {
    let examples = examples();
    assert_eq!(examples.len(), 15, "the specification has as many");
    for example in examples {
        let ours = example.response.as_deref().map(meaning);
        let specified = example.specified.as_deref().map(meaning);

        assert_ne!(ours, Some(Value::Null), "{}", example.name);
        assert_eq!(ours, specified, "{}", example.name);
    }
}
