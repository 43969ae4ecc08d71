//! Calls as bytes, and bytes as answers.

use std::collections::HashMap;
use std::fmt;

use dig_rpc_types::envelope::{
    JsonRpcError, JsonRpcResponse, JsonRpcResponseBody, RequestId, Version,
};
use serde::Serialize;
use serde_json::Value;

use crate::rpc::client::{Answer, OutgoingCall, TransportError};

#[derive(Serialize)]
struct Call<'a> {
    jsonrpc: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    method: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    params: &'a Value,
}

fn bytes(message: &impl Serialize) -> Vec<u8> {
    // Texts and values can always be written.
    serde_json::to_vec(message).unwrap_or_default()
}

/// Writes a call.
pub(super) fn call(id: u64, method: &str, params: &Value) -> Vec<u8> {
    bytes(&Call {
        jsonrpc: Version,
        id: Some(id),
        method,
        params,
    })
}

/// Writes a call that is not answered.
pub(super) fn notification(method: &str, params: &Value) -> Vec<u8> {
    bytes(&Call {
        jsonrpc: Version,
        id: None,
        method,
        params,
    })
}

/// Writes calls with the ids from `first` on; a notification leaves its id unused.
pub(super) fn batch(first: u64, calls: &[OutgoingCall]) -> Vec<u8> {
    let calls: Vec<Call<'_>> = (first..)
        .zip(calls)
        .map(|(id, call)| Call {
            jsonrpc: Version,
            id: Some(id).filter(|_| !call.is_notification),
            method: &call.method,
            params: &call.params,
        })
        .collect();
    bytes(&calls)
}

/// Reads the answer to a call.
pub(super) fn read_one(id: u64, bytes: Option<&[u8]>) -> Result<Answer, TransportError> {
    let bytes = bytes.ok_or_else(|| malformed("an empty body"))?;
    let response: JsonRpcResponse = serde_json::from_slice(bytes).map_err(malformed)?;
    match response.id {
        RequestId::Num(given) if given == id => {}
        // A server that could not read the id says so; its error is the answer.
        RequestId::Null if matches!(response.body, JsonRpcResponseBody::Error { .. }) => {}
        other => return Err(malformed(format!("the id {other} in place of {id}"))),
    }
    Ok(response.into_result())
}

/// Reads the answers to a batch, in the order of its calls.
pub(super) fn read_many(
    first: u64,
    calls: &[OutgoingCall],
    bytes: Option<&[u8]>,
) -> Result<Vec<Answer>, TransportError> {
    let bytes = bytes.unwrap_or(b"[]");
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return refused(bytes).map(|error| refuse_all(calls, &error));
    }
    let responses: Vec<JsonRpcResponse> = serde_json::from_slice(bytes).map_err(malformed)?;
    let mut by_id: HashMap<u64, Answer> = HashMap::new();
    for response in responses {
        if let RequestId::Num(id) = response.id {
            by_id.insert(id, response.into_result());
        }
    }
    let asked = (first..)
        .zip(calls)
        .filter(|(_, call)| !call.is_notification);
    asked
        .map(|(id, call)| {
            let answer = by_id.remove(&id);
            answer.ok_or_else(|| malformed(format!("no answer to `{}` in the batch", call.method)))
        })
        .collect()
}

/// Tells each call of a batch that the server did not take the batch.
pub(super) fn refuse_all(calls: &[OutgoingCall], error: &JsonRpcError) -> Vec<Answer> {
    let asked = calls.iter().filter(|call| !call.is_notification);
    asked.map(|_| Err(error.clone())).collect()
}

/// Reads the error that is told of a batch as a whole.
fn refused(bytes: &[u8]) -> Result<JsonRpcError, TransportError> {
    let response: JsonRpcResponse = serde_json::from_slice(bytes).map_err(malformed)?;
    match (&response.id, response.body) {
        (RequestId::Null, JsonRpcResponseBody::Error { error }) => Ok(error),
        _ => Err(malformed("one answer in place of several")),
    }
}

/// What is said of an answer where there should be none: most often an error that the server tells
/// of the message as a whole.
pub(super) fn unexpected(bytes: &[u8]) -> TransportError {
    let response = serde_json::from_slice::<JsonRpcResponse>(bytes);
    match response.map(JsonRpcResponse::into_result) {
        Ok(Err(error)) => malformed(error),
        Ok(Ok(_)) => malformed("one answer that nobody asked for"),
        Err(error) => malformed(error),
    }
}

/// What is said of an answer that is none.
pub(super) fn malformed(what: impl fmt::Display) -> TransportError {
    TransportError::Malformed(what.to_string())
}
