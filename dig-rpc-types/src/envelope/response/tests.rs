use proptest::prelude::*;
use serde_json::json;

use super::super::strategies;
use super::*;
use crate::errors::ErrorCode;

fn parse(text: &str) -> Result<JsonRpcResponse, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn fields_are_open_to_literals() {
    let response = JsonRpcResponse {
        jsonrpc: Version,
        id: RequestId::Num(1),
        body: JsonRpcResponseBody::Success { result: json!(19) },
    };

    assert_eq!(response, JsonRpcResponse::success(1, json!(19)));
}

#[test]
fn members_are_flat() {
    let success = JsonRpcResponse::success("a", json!([1]));
    let failure: JsonRpcResponse =
        JsonRpcResponse::error(RequestId::Null, JsonRpcError::from(ErrorCode::ParseError));

    assert_eq!(
        serde_json::to_string(&success).unwrap(),
        r#"{"jsonrpc":"2.0","id":"a","result":[1]}"#
    );
    assert_eq!(
        serde_json::to_string(&failure).unwrap(),
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#
    );
}

#[test]
fn null_is_a_result() {
    let untyped = parse(r#"{"jsonrpc":"2.0","id":1,"result":null}"#).unwrap();
    let unit: JsonRpcResponse<()> =
        serde_json::from_str(r#"{"jsonrpc":"2.0","id":1,"result":null}"#).unwrap();
    let option: JsonRpcResponse<Option<u8>> =
        serde_json::from_str(r#"{"jsonrpc":"2.0","id":1,"result":null}"#).unwrap();

    assert_eq!(untyped.into_result(), Ok(Value::Null));
    assert_eq!(unit.into_result(), Ok(()));
    assert_eq!(option.into_result(), Ok(None));
}

#[test]
fn result_may_be_typed_and_the_error_still_comes_through() {
    let text = r#"{"jsonrpc":"2.0","id":1,"error":{"code":10005,"message":"no block"}}"#;

    let response: JsonRpcResponse<u64> = serde_json::from_str(text).unwrap();

    assert_eq!(
        response.into_result(),
        Err(JsonRpcError::new(ErrorCode::ResourceNotFound, "no block"))
    );
}

#[test]
fn outcome_and_body_are_the_same_thing() {
    let error = JsonRpcError::from(ErrorCode::InternalError);

    let success = JsonRpcResponseBody::from(Ok(1));
    let failure = JsonRpcResponseBody::<u8>::from(Err(error.clone()));

    assert_eq!(success, JsonRpcResponseBody::Success { result: 1 });
    assert_eq!(failure, JsonRpcResponseBody::Error { error });
}

#[test]
fn unknown_members_are_skipped() {
    let text = r#"{"jsonrpc":"2.0","took":{"ms":3},"result":1,"id":1}"#;

    assert_eq!(parse(text).unwrap(), JsonRpcResponse::success(1, json!(1)));
}

#[test]
fn malformed_responses_are_refused() {
    let both = r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"m"}}"#;
    let null_and_error =
        r#"{"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1,"message":""}}"#;
    let cases = [
        (both, "has `result` or `error`, not both"),
        (null_and_error, "has `result` or `error`, not both"),
        (
            r#"{"jsonrpc":"2.0","id":1}"#,
            "needs `result` or `error`, and has neither",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":null}"#,
            "expected a JSON-RPC error object",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":null}"#,
            "expected a JSON-RPC error object",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1,"result":1}"#,
            "duplicate field `result`",
        ),
        (r#"{"jsonrpc":"2.0","result":1}"#, "missing field `id`"),
        (r#"{"id":1,"result":1}"#, "missing field `jsonrpc`"),
        (
            r#"{"jsonrpc":"1.0","id":1,"result":1}"#,
            "expected the JSON-RPC version \"2.0\"",
        ),
        (
            r#"["2.0",1,1]"#,
            "invalid type: sequence, expected a JSON-RPC response object",
        ),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_result_of_the_wrong_type_is_named() {
    let text = r#"{"jsonrpc":"2.0","id":1,"result":"a"}"#;

    let error = serde_json::from_str::<JsonRpcResponse<u64>>(text)
        .unwrap_err()
        .to_string();

    assert!(
        error.contains("invalid type: string \"a\", expected u64"),
        "{error}"
    );
}

#[test]
fn a_body_alone_is_as_strict() {
    let cases = [
        ("{}", "neither"),
        (
            r#"{"result":1,"error":{"code":1,"message":"m"}}"#,
            "not both",
        ),
        ("[1]", "expected a JSON-RPC response body object"),
    ];

    for (text, expected) in cases {
        let error = serde_json::from_str::<JsonRpcResponseBody>(text)
            .unwrap_err()
            .to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn responses_survive_a_round_trip(
        id in strategies::id(),
        outcome in prop_oneof![
            strategies::value().prop_map(Ok),
            strategies::error().prop_map(Err),
        ],
    ) {
        let body = JsonRpcResponseBody::from(outcome);
        let response = JsonRpcResponse { jsonrpc: Version, id, body: body.clone() };
        let text = serde_json::to_string(&response).unwrap();
        let value = serde_json::to_value(&response).unwrap();
        let body_text = serde_json::to_string(&body).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &response);
        prop_assert_eq!(serde_json::from_value::<JsonRpcResponse>(value).unwrap(), response);
        prop_assert_eq!(serde_json::from_str::<JsonRpcResponseBody>(&body_text).unwrap(), body);
    }
}
