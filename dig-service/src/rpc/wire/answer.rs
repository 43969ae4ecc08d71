//! Answers as bytes, each written once.

use dig_rpc_types::envelope::{JsonRpcError, RequestId, Version};
use serde::Serialize;
use serde_json::Value;

/// What most answers fit into.
const USUAL: usize = 128;

/// An answer as it is written; its bytes are those of `JsonRpcResponse`, without the detour that
/// `flatten` takes.
#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: Version,
    id: &'a RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a JsonRpcError>,
}

/// Writes one answer.
pub(crate) fn one(id: &RequestId, result: &Result<Value, JsonRpcError>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL);
    write(&mut bytes, id, result);
    bytes
}

/// Writes an array of answers; `None` if there are none.
pub(crate) fn many<'a>(
    answers: impl Iterator<Item = &'a (RequestId, Result<Value, JsonRpcError>)>,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL);
    for (id, result) in answers {
        bytes.push(if bytes.is_empty() { b'[' } else { b',' });
        write(&mut bytes, id, result);
    }
    if bytes.is_empty() {
        return None;
    }
    bytes.push(b']');
    Some(bytes)
}

fn write(bytes: &mut Vec<u8>, id: &RequestId, result: &Result<Value, JsonRpcError>) {
    let answer = Answer {
        jsonrpc: Version,
        id,
        result: result.as_ref().ok(),
        error: result.as_ref().err(),
    };
    let begin = bytes.len();
    if let Err(error) = serde_json::to_writer(&mut *bytes, &answer) {
        // A `Value` can always be written; should that change, the client still gets an answer.
        tracing::error!(%error, "answer could not be written");
        bytes.truncate(begin);
        bytes.extend_from_slice(
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}"#,
        );
    }
}
