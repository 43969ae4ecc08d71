use proptest::prelude::*;
use serde_json::json;

use super::super::strategies;
use super::*;

fn parse(text: &str) -> Result<JsonRpcError, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn fields_are_open_to_literals() {
    let error = JsonRpcError {
        code: ErrorCode::NotSynced,
        message: "m".into(),
        data: None,
    };

    assert_eq!(error, JsonRpcError::new(10001, "m"));
}

#[test]
fn data_is_left_out_when_none() {
    let error = JsonRpcError::from(ErrorCode::MethodNotFound);

    assert_eq!(
        serde_json::to_string(&error).unwrap(),
        r#"{"code":-32601,"message":"Method not found"}"#
    );
}

#[test]
fn null_data_is_kept() {
    let error = JsonRpcError::new(1, "m").with_data(Value::Null);

    let read = parse(&serde_json::to_string(&error).unwrap()).unwrap();

    assert_eq!(read.data, Some(Value::Null));
}

#[test]
fn with_data_replaces() {
    let error = JsonRpcError::new(1, "m")
        .with_data("a")
        .with_data(json!([1]));

    assert_eq!(error.data, Some(json!([1])));
}

#[test]
fn error_is_a_std_error_with_message_and_number() {
    let error: Box<dyn std::error::Error + Send + Sync> =
        Box::new(JsonRpcError::new(ErrorCode::RateLimited, "slow down"));

    assert_eq!(error.to_string(), "slow down (10004)");
}

#[test]
fn unknown_members_are_skipped() {
    let error = parse(r#"{"code":1,"message":"m","stack":[{}]}"#).unwrap();

    assert_eq!(error, JsonRpcError::new(1, "m"));
}

#[test]
fn malformed_errors_are_refused() {
    let cases = [
        (r#"{"message":"m"}"#, "missing field `code`"),
        (r#"{"code":1}"#, "missing field `message`"),
        (
            r#"{"code":1,"message":null}"#,
            "invalid type: null, expected a string",
        ),
        (r#"{"code":1.5,"message":"m"}"#, "expected an error code"),
        (r#"{"code":"1","message":"m"}"#, "expected an error code"),
        (
            r#"{"code":4294967296,"message":"m"}"#,
            "invalid value: integer `4294967296`",
        ),
        (
            r#"{"code":1,"code":1,"message":"m"}"#,
            "duplicate field `code`",
        ),
        (
            r#"[1,"m"]"#,
            "invalid type: sequence, expected a JSON-RPC error object",
        ),
        (
            "null",
            "invalid type: null, expected a JSON-RPC error object",
        ),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn errors_survive_a_round_trip(error in strategies::error()) {
        let text = serde_json::to_string(&error).unwrap();
        let value = serde_json::to_value(&error).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &error);
        prop_assert_eq!(serde_json::from_value::<JsonRpcError>(value).unwrap(), error);
    }
}
