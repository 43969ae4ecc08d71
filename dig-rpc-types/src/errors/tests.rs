use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

#[test]
fn fixed_numbers_never_change() {
    let table: Vec<(i32, &str)> = ErrorCode::FIXED
        .iter()
        .map(|c| (c.code(), c.name()))
        .collect();

    assert_eq!(
        table,
        [
            (-32700, "ParseError"),
            (-32600, "InvalidRequest"),
            (-32601, "MethodNotFound"),
            (-32602, "InvalidParams"),
            (-32603, "InternalError"),
            (10001, "NotSynced"),
            (10002, "PeerUnauthorized"),
            (10003, "PermissionDenied"),
            (10004, "RateLimited"),
            (10005, "ResourceNotFound"),
            (10010, "SlashingGuardBlocked"),
            (10011, "InvalidSignature"),
            (10012, "InvalidProof"),
            (10020, "L1Unavailable"),
            (10030, "WalletLocked"),
            (10040, "ShutdownPending"),
            (10050, "NetworkMismatch"),
            (10051, "VersionMismatch"),
        ]
    );
}

#[test]
fn fixed_numbers_and_messages_are_unique() {
    let numbers: HashSet<i32> = ErrorCode::FIXED.iter().map(|c| c.code()).collect();
    let messages: HashSet<&str> = ErrorCode::FIXED.iter().map(|c| c.message()).collect();

    assert_eq!(numbers.len(), ErrorCode::FIXED.len());
    assert_eq!(messages.len(), ErrorCode::FIXED.len());
}

#[test]
fn known_numbers_never_become_other() {
    for &code in ErrorCode::FIXED {
        assert_eq!(ErrorCode::from(code.code()), code);
        assert!(!matches!(code, ErrorCode::Other(_)));
    }
}

#[test]
fn standard_messages_are_those_of_the_specification() {
    assert_eq!(ErrorCode::ParseError.message(), "Parse error");
    assert_eq!(ErrorCode::InvalidRequest.message(), "Invalid Request");
    assert_eq!(ErrorCode::MethodNotFound.message(), "Method not found");
    assert_eq!(ErrorCode::InvalidParams.message(), "Invalid params");
    assert_eq!(ErrorCode::InternalError.message(), "Internal error");
}

#[test]
fn other_has_a_message_too() {
    assert_eq!(ErrorCode::from(-32050).message(), "Server error");
    assert_eq!(ErrorCode::from(1).message(), "Application error");
    assert_eq!(ErrorCode::from(1).name(), "Other");
}

#[test]
fn ranges_end_where_they_should() {
    let cases = [
        (i32::MIN, false, false),
        (-32769, false, false),
        (-32768, true, false),
        (-32000, true, false),
        (-31999, false, false),
        (0, false, false),
        (9_999, false, false),
        (10_000, false, true),
        (i32::MAX, false, true),
    ];

    for (number, reserved, dig) in cases {
        let code = ErrorCode::from(number);
        assert_eq!(code.is_jsonrpc_reserved(), reserved, "{number}");
        assert_eq!(code.is_dig_specific(), dig, "{number}");
    }
}

#[test]
fn display_names_message_and_number() {
    assert_eq!(ErrorCode::NotSynced.to_string(), "Not synced (10001)");
}

#[test]
fn integers_outside_i32_are_refused_by_range() {
    for text in ["2147483648", "-2147483649", "18446744073709551615"] {
        let error = serde_json::from_str::<ErrorCode>(text)
            .unwrap_err()
            .to_string();

        assert!(
            error.starts_with(&format!(
                "invalid value: integer `{text}`, expected an error code: \
                 an integer from -2147483648 to 2147483647"
            )),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_integer_is_refused() {
    for text in [
        "1.0",
        "1e3",
        "18446744073709551616",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "{}",
    ] {
        assert!(serde_json::from_str::<ErrorCode>(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn every_i32_survives_a_round_trip(number in any::<i32>()) {
        let code = ErrorCode::from(number);
        let text = serde_json::to_string(&code).unwrap();

        prop_assert_eq!(code.code(), number);
        prop_assert_eq!(i32::from(code), number);
        prop_assert_eq!(&text, &number.to_string());
        prop_assert_eq!(serde_json::from_str::<ErrorCode>(&text).unwrap(), code);
        prop_assert_eq!(serde_json::from_value::<ErrorCode>(number.into()).unwrap(), code);
    }

    #[test]
    fn numbers_near_the_table_survive_a_round_trip(
        number in prop_oneof![-32800..-31990_i32, 9_990..10_100_i32]
    ) {
        let text = serde_json::to_string(&ErrorCode::from(number)).unwrap();

        prop_assert_eq!(serde_json::from_str::<ErrorCode>(&text).unwrap().code(), number);
    }
}
