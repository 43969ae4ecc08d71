//! Code that others have written against these types keeps compiling: literals, exhaustive matches,
//! names at the root and in the modules.

use std::fmt::Debug;

use dig_rpc_types::envelope::{
    Incoming, JsonRpcError, JsonRpcNotification, JsonRpcRequest, JsonRpcResponse,
    JsonRpcResponseBody, RequestId, Version,
};
use dig_rpc_types::errors::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn is_wire_value<T>()
where
    T: Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static,
{
}

fn id_kind(id: &RequestId) -> &'static str {
    match id {
        RequestId::Num(_) => "unsigned",
        RequestId::Str(_) => "text",
        RequestId::Null => "null",
        RequestId::Number(_) => "number",
    }
}

#[test]
fn every_type_is_a_wire_value() {
    is_wire_value::<JsonRpcRequest>();
    is_wire_value::<JsonRpcNotification>();
    is_wire_value::<Incoming>();
    is_wire_value::<JsonRpcResponse>();
    is_wire_value::<JsonRpcResponseBody>();
    is_wire_value::<JsonRpcError>();
    is_wire_value::<RequestId>();
    is_wire_value::<Version>();
    is_wire_value::<ErrorCode>();
    is_wire_value::<JsonRpcRequest<Vec<u8>>>();
    is_wire_value::<JsonRpcResponse<String>>();
}

#[test]
fn root_names_are_the_module_names() {
    use dig_rpc_types::{
        ErrorCode as RootCode, JsonRpcError as RootError, JsonRpcResponse as RootResponse,
        RequestId as RootId,
    };

    let error: RootError = JsonRpcError::from(RootCode::ParseError);
    let response: RootResponse = JsonRpcResponse::error(RequestId::Null, error.clone());

    assert_eq!(error.code, ErrorCode::ParseError);
    assert_eq!(response.id, RootId::Null);
}

#[test]
fn literals_compile_from_outside() {
    let request: JsonRpcRequest = JsonRpcRequest {
        jsonrpc: Version,
        id: RequestId::Str("a".into()),
        method: "echo".into(),
        params: Some(json!(["x"])),
    };
    let response = JsonRpcResponse {
        jsonrpc: Version,
        id: request.id.clone(),
        body: JsonRpcResponseBody::Success { result: json!("x") },
    };
    let failure: JsonRpcResponse<Value> = JsonRpcResponse {
        jsonrpc: Version,
        id: request.id,
        body: JsonRpcResponseBody::Error {
            error: JsonRpcError {
                code: ErrorCode::MethodNotFound,
                message: "no such method".into(),
                data: None,
            },
        },
    };

    assert_eq!(
        serde_json::to_value([response, failure]).unwrap(),
        json!([
            {"jsonrpc": "2.0", "id": "a", "result": "x"},
            {"jsonrpc": "2.0", "id": "a", "error": {"code": -32601, "message": "no such method"}},
        ])
    );
}

#[test]
fn matches_compile_from_outside_without_a_wildcard() {
    let response = JsonRpcResponse::success(RequestId::Num(1), 2_u8);

    let result = match response.body {
        JsonRpcResponseBody::Success { result } => Some(result),
        JsonRpcResponseBody::Error { error: _ } => None,
    };

    assert_eq!(result, Some(2));
    assert_eq!(id_kind(&response.id), "unsigned");
}
