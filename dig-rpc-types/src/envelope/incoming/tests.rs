use proptest::prelude::*;
use serde_json::json;

use super::super::strategies;
use super::*;

fn parse(text: &str) -> Result<Incoming, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn absent_id_and_null_id_are_told_apart() {
    let absent = parse(r#"{"jsonrpc":"2.0","method":"m"}"#).unwrap();
    let null = parse(r#"{"jsonrpc":"2.0","method":"m","id":null}"#).unwrap();

    assert_eq!(absent, JsonRpcNotification::new("m", None).into());
    assert_eq!(null, JsonRpcRequest::new(RequestId::Null, "m", None).into());
}

#[test]
fn the_place_of_the_id_does_not_matter() {
    let first = parse(r#"{"id":1,"jsonrpc":"2.0","method":"m","params":[1]}"#).unwrap();
    let last = parse(r#"{"params":[1],"method":"m","jsonrpc":"2.0","id":1}"#).unwrap();

    assert_eq!(first, last);
}

#[test]
fn parts_are_reached_without_a_match() {
    let request = parse(r#"{"jsonrpc":"2.0","method":"m","id":1,"params":[1]}"#).unwrap();
    let notification = parse(r#"{"jsonrpc":"2.0","method":"n"}"#).unwrap();

    assert_eq!(request.id(), Some(&RequestId::Num(1)));
    assert_eq!(request.method(), "m");
    assert_eq!(request.params(), Some(&json!([1])));
    assert_eq!(notification.id(), None);
    assert_eq!(notification.method(), "n");
    assert_eq!(notification.params(), None);
}

#[test]
fn a_bad_id_does_not_make_a_notification() {
    for id in ["true", "[]", "{}", "1e300"] {
        let text = format!(r#"{{"jsonrpc":"2.0","method":"m","id":{id}}}"#);

        assert!(parse(&text).is_err(), "{text}");
    }
}

#[test]
fn an_id_given_twice_is_refused() {
    let error = parse(r#"{"jsonrpc":"2.0","method":"m","id":null,"id":1}"#).unwrap_err();

    assert!(
        error.to_string().contains("duplicate field `id`"),
        "{error}"
    );
}

#[test]
fn what_is_no_call_is_refused() {
    let cases = [
        (
            "1",
            "integer `1`, expected a JSON-RPC request or notification object",
        ),
        (
            "[]",
            "sequence, expected a JSON-RPC request or notification object",
        ),
        (
            r#"["2.0",1,"m"]"#,
            "sequence, expected a JSON-RPC request or notification object",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1}"#,
            "missing field `method`",
        ),
        ("{}", "missing field `jsonrpc`"),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn calls_survive_a_round_trip(
        id in proptest::option::of(strategies::id()),
        method in any::<String>(),
        params in strategies::params(),
    ) {
        let call: Incoming = match id {
            Some(id) => JsonRpcRequest::new(id, method, params).into(),
            None => JsonRpcNotification::new(method, params).into(),
        };
        let text = serde_json::to_string(&call).unwrap();
        let value = serde_json::to_value(&call).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &call);
        prop_assert_eq!(serde_json::from_value::<Incoming>(value).unwrap(), call);
    }

    #[test]
    fn text_and_value_are_read_alike(value in strategies::value()) {
        prop_assert_eq!(
            parse(&value.to_string()).ok(),
            serde_json::from_value::<Incoming>(value).ok()
        );
    }
}
