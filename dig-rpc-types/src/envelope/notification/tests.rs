use proptest::prelude::*;

use super::super::strategies;
use super::*;

fn parse(text: &str) -> Result<JsonRpcNotification, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn absent_and_null_params_are_none() {
    let notification = JsonRpcNotification::new("m", None);

    assert_eq!(
        parse(r#"{"jsonrpc":"2.0","method":"m"}"#).unwrap(),
        notification
    );
    assert_eq!(
        parse(r#"{"jsonrpc":"2.0","method":"m","params":null}"#).unwrap(),
        notification
    );
    assert_eq!(
        serde_json::to_string(&notification).unwrap(),
        r#"{"jsonrpc":"2.0","method":"m"}"#
    );
}

#[test]
fn a_request_is_no_notification() {
    for id in ["1", "\"a\"", "null"] {
        let text = format!(r#"{{"jsonrpc":"2.0","method":"m","id":{id}}}"#);

        let error = parse(&text).unwrap_err().to_string();

        assert!(error.contains("has no `id` member"), "{error}");
    }
}

#[test]
fn malformed_notifications_are_refused() {
    let cases = [
        (r#"{"method":"m"}"#, "missing field `jsonrpc`"),
        (r#"{"jsonrpc":"2.0"}"#, "missing field `method`"),
        (
            r#"["2.0","m"]"#,
            "invalid type: sequence, expected a JSON-RPC notification object",
        ),
    ];

    for (text, expected) in cases {
        let error = parse(text).unwrap_err().to_string();

        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn notifications_survive_a_round_trip(
        method in any::<String>(),
        params in strategies::params(),
    ) {
        let notification = JsonRpcNotification { jsonrpc: Version, method, params };
        let text = serde_json::to_string(&notification).unwrap();
        let value = serde_json::to_value(&notification).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &notification);
        prop_assert_eq!(serde_json::from_value::<JsonRpcNotification>(value).unwrap(), notification);
    }
}
