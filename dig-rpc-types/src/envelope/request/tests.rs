use proptest::prelude::*;
use serde_json::json;

use super::super::strategies;
use super::*;

fn parse(text: &str) -> Result<JsonRpcRequest, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn fields_are_open_to_literals() {
    let request: JsonRpcRequest = JsonRpcRequest {
        jsonrpc: Version,
        id: RequestId::Num(1),
        method: "m".into(),
        params: Some(json!([1])),
    };

    assert_eq!(request, JsonRpcRequest::new(1, "m", Some(json!([1]))));
}

#[test]
fn params_are_left_out_when_none() {
    let request = JsonRpcRequest::<Value>::new("a", "m", None);

    assert_eq!(
        serde_json::to_string(&request).unwrap(),
        r#"{"jsonrpc":"2.0","id":"a","method":"m"}"#
    );
}

#[test]
fn null_params_count_as_absent() {
    let request = parse(r#"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#).unwrap();

    assert_eq!(request.params, None);
}

#[test]
fn null_id_is_an_id() {
    let request = parse(r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#).unwrap();

    assert_eq!(request.id, RequestId::Null);
}

#[test]
fn params_may_be_typed() {
    let text = r#"{"method":"m","params":[1,2],"id":1,"jsonrpc":"2.0"}"#;

    let request: JsonRpcRequest<(u8, u8)> = serde_json::from_str(text).unwrap();

    assert_eq!(request.params, Some((1, 2)));
}

#[test]
fn params_may_borrow() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":["a"]}"#;

    let request: JsonRpcRequest<[&str; 1]> = serde_json::from_str(text).unwrap();

    assert_eq!(request.params, Some(["a"]));
}

#[test]
fn unknown_members_are_skipped() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"m","auth":{"k":[1]},"id2":2}"#;

    assert_eq!(parse(text).unwrap(), JsonRpcRequest::new(1, "m", None));
}

#[test]
fn a_member_given_twice_is_refused_in_text() {
    let cases = [
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"m","id":2}"#,
            "duplicate field `id`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"m","method":"m"}"#,
            "duplicate field `method`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[],"params":[]}"#,
            "`params`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"m","jsonrpc":"2.0"}"#,
            "duplicate field `jsonrpc`",
        ),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_value_has_already_kept_the_last_of_two_members() {
    let value: Value =
        serde_json::from_str(r#"{"jsonrpc":"2.0","id":1,"method":"m","id":2}"#).unwrap();

    let request: JsonRpcRequest = serde_json::from_value(value).unwrap();

    assert_eq!(request.id, RequestId::Num(2));
}

#[test]
fn malformed_requests_are_refused() {
    let cases = [
        (r#"{"jsonrpc":"2.0","method":"m"}"#, "missing field `id`"),
        (r#"{"id":1,"method":"m"}"#, "missing field `jsonrpc`"),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#,
            "expected the JSON-RPC version \"2.0\"",
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#, "missing field `method`"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":1}"#,
            "invalid type: integer `1`, expected a string",
        ),
        (
            r#"{"jsonrpc":"2.0","id":[],"method":"m"}"#,
            "expected a JSON-RPC id",
        ),
        (
            r#"["2.0",1,"m",[]]"#,
            "invalid type: sequence, expected a JSON-RPC request object",
        ),
        (
            "1",
            "invalid type: integer `1`, expected a JSON-RPC request object",
        ),
        (
            "null",
            "invalid type: null, expected a JSON-RPC request object",
        ),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn requests_survive_a_round_trip(
        id in strategies::id(),
        method in any::<String>(),
        params in strategies::params(),
    ) {
        let request = JsonRpcRequest { jsonrpc: Version, id, method, params };
        let text = serde_json::to_string(&request).unwrap();
        let value = serde_json::to_value(&request).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &request);
        prop_assert_eq!(serde_json::from_value::<JsonRpcRequest>(value).unwrap(), request);
    }
}
