//! The types read, refuse and write the examples of the JSON-RPC 2.0 specification as it says.

#![expect(clippy::expect_used, reason = "a test may stop at a broken data file")]

use dig_rpc_types::{ErrorCode, Incoming, JsonRpcResponse, RequestId};
use serde::Deserialize;
use serde_json::Value;

const EXAMPLES: &str = include_str!("data/jsonrpc-2.0-examples.json");

#[derive(Deserialize)]
struct Example {
    name: String,
    request: String,
    response: Value,
}

/// What a server must say to one call before it looks at the method.
#[derive(Debug, PartialEq)]
enum Due {
    Nothing,
    Answer(RequestId),
    Refusal(ErrorCode),
}

fn examples() -> Vec<Example> {
    serde_json::from_str(EXAMPLES).expect("the data file is JSON of this shape")
}

/// Reads a request as a server would, and tells what is due.
fn due(request: &str) -> Vec<Due> {
    match serde_json::from_str(request) {
        Err(_) => vec![Due::Refusal(ErrorCode::ParseError)],
        Ok(Value::Array(batch)) if batch.is_empty() => {
            vec![Due::Refusal(ErrorCode::InvalidRequest)]
        }
        Ok(Value::Array(batch)) => batch.into_iter().map(due_to_one).collect(),
        Ok(single) => vec![due_to_one(single)],
    }
}

fn due_to_one(call: Value) -> Due {
    match serde_json::from_value(call) {
        Err(_) => Due::Refusal(ErrorCode::InvalidRequest),
        Ok(Incoming::<Value>::Notification(_)) => Due::Nothing,
        Ok(Incoming::Request(request)) => Due::Answer(request.id),
    }
}

/// Reads the expected response: none, one or a batch.
fn responses(response: &Value) -> Vec<JsonRpcResponse> {
    let read = match response {
        Value::Null => Ok(Vec::new()),
        Value::Array(_) => serde_json::from_value(response.clone()),
        single => serde_json::from_value(single.clone()).map(|one| vec![one]),
    };
    read.expect("the specification's responses are valid")
}

#[test]
fn every_example_is_there() {
    let examples = examples();

    assert_eq!(examples.len(), 15);
    assert!(examples.iter().all(|example| !example.name.is_empty()));
}

#[test]
fn requests_are_read_or_refused_as_their_responses_say() {
    for Example {
        name,
        request,
        response,
    } in examples()
    {
        let mut due = due(&request);
        due.retain(|due| *due != Due::Nothing);
        let responses = responses(&response);

        assert_eq!(due.len(), responses.len(), "{name}");
        for (due, response) in due.into_iter().zip(responses) {
            match due {
                Due::Nothing => unreachable!("left out above"),
                Due::Answer(id) => assert_eq!(response.id, id, "{name}"),
                Due::Refusal(code) => {
                    assert_eq!(response.id, RequestId::Null, "{name}");
                    assert_eq!(response.into_result().unwrap_err(), code.into(), "{name}");
                }
            }
        }
    }
}

#[test]
fn one_call_is_read_from_text_as_from_a_value() {
    for Example { name, request, .. } in examples() {
        let Ok(value @ Value::Object(_)) = request.parse() else {
            continue;
        };

        let from_text = serde_json::from_str::<Incoming>(&request).ok();
        let from_value = serde_json::from_value::<Incoming>(value).ok();

        assert_eq!(from_text, from_value, "{name}");
    }
}

#[test]
fn calls_are_written_as_they_were_read() {
    for Example { name, request, .. } in examples() {
        let calls: Vec<Value> = match request.parse() {
            Err(_) => continue,
            Ok(Value::Array(batch)) => batch,
            Ok(single) => vec![single],
        };
        for value in calls {
            if let Ok(call) = serde_json::from_value::<Incoming>(value.clone()) {
                assert_eq!(serde_json::to_value(call).unwrap(), value, "{name}");
            }
        }
    }
}

#[test]
fn responses_are_written_as_they_were_read() {
    for Example { name, response, .. } in examples() {
        let written = match &response {
            Value::Null => continue,
            Value::Array(_) => serde_json::to_value(responses(&response)).unwrap(),
            _ => serde_json::to_value(&responses(&response)[0]).unwrap(),
        };

        assert_eq!(written, response, "{name}");
    }
}
