use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::super::strategies;
use super::*;

fn parse(text: &str) -> Result<RequestId, serde_json::Error> {
    serde_json::from_str(text)
}

fn echo(text: &str) -> String {
    serde_json::to_string(&parse(text).unwrap()).unwrap()
}

#[test]
fn integers_within_u64_are_num() {
    for number in [
        0,
        1,
        u64::from(u32::MAX),
        1 << 53,
        (1 << 53) + 1,
        1 << 63,
        u64::MAX,
    ] {
        assert_eq!(parse(&number.to_string()).unwrap(), RequestId::Num(number));
        assert_eq!(echo(&number.to_string()), number.to_string());
    }
}

#[test]
fn negative_integers_within_i64_are_echoed_exactly() {
    for number in [-1, -(1 << 53) - 1, i64::MIN + 1, i64::MIN] {
        assert_eq!(
            parse(&number.to_string()).unwrap(),
            RequestId::Number(number.into())
        );
        assert_eq!(echo(&number.to_string()), number.to_string());
    }
}

#[test]
fn fractions_and_exponents_are_echoed_as_the_same_f64() {
    let cases = [
        ("1.5", "1.5"),
        ("1.0", "1.0"),
        ("1e3", "1000.0"),
        ("0.1", "0.1"),
        ("-0", "-0.0"),
        ("-0.0", "-0.0"),
        ("0.0", "0.0"),
        ("-2.5e-3", "-0.0025"),
        ("9007199254740993.0", "9007199254740992.0"),
    ];

    for (sent, echoed) in cases {
        assert!(
            matches!(parse(sent).unwrap(), RequestId::Number(_)),
            "{sent}"
        );
        assert_eq!(echo(sent), echoed);
    }
}

#[test]
fn a_float_keeps_its_last_bit() {
    // A parser that multiplies by a power of ten gets these wrong.
    for text in [
        "2.4703282292062327e-5",
        "0.30000000000000004",
        "7.2057594037927933e16",
    ] {
        let sent: f64 = text.parse().unwrap();

        assert_eq!(
            echo(text).parse::<f64>().unwrap().to_bits(),
            sent.to_bits(),
            "{text}"
        );
    }
}

#[test]
fn large_floats_within_u64_are_kept() {
    assert_eq!(parse("1e19").unwrap(), RequestId::from_f64(1e19).unwrap());
    assert_eq!(parse(&echo("1e19")).unwrap(), parse("1e19").unwrap());
}

#[test]
fn numbers_that_would_become_something_else_are_refused() {
    let cases = [
        "18446744073709551616",
        "18446744073709551617",
        "123456789012345678901234567890",
        "-9223372036854775809",
        "-9223372036854775808.0",
        "1e300",
        "-1e300",
    ];

    for text in cases {
        let error = parse(text).unwrap_err();

        assert!(error.is_data(), "{text}: {error}");
        assert!(
            error
                .to_string()
                .contains("number out of range for a JSON-RPC id"),
            "{error}"
        );
    }
}

#[test]
fn a_number_beyond_f64_is_refused() {
    assert!(parse("1e400").is_err());
    assert!(parse("-1e400").is_err());
}

#[test]
fn strings_and_null_are_echoed() {
    for text in ["\"\"", "\"1\"", "\"a\\nb\"", "\"\u{1f980}\"", "null"] {
        assert_eq!(echo(text), text);
    }
}

#[test]
fn other_json_is_refused_by_name() {
    let cases = [
        ("true", "boolean `true`"),
        ("[]", "sequence"),
        ("[1]", "sequence"),
        ("{}", "map"),
        ("{\"a\":1}", "map"),
    ];

    for (text, kind) in cases {
        let error = parse(text).unwrap_err().to_string();
        let expected =
            format!("invalid type: {kind}, expected a JSON-RPC id: a string, a number or null");

        assert!(error.starts_with(&expected), "{error}");
        assert!(
            serde_json::from_value::<RequestId>(text.parse().unwrap()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn integers_and_floats_are_different_ids() {
    assert_ne!(parse("1").unwrap(), parse("1.0").unwrap());
}

#[test]
fn equal_ids_meet_in_a_set() {
    let ids = ["1", "1", "-1", "-1", "1.5", "1.50", "\"1\"", "null", "null"];

    let set: HashSet<RequestId> = ids.iter().map(|text| parse(text).unwrap()).collect();

    assert_eq!(set.len(), 5);
}

#[test]
fn conversions_are_canonical() {
    assert_eq!(RequestId::from(1), RequestId::Num(1));
    assert_eq!(RequestId::from("a"), RequestId::Str("a".into()));
    assert_eq!(
        RequestId::from(String::from("a")),
        RequestId::Str("a".into())
    );
    assert_eq!(RequestId::try_from(Number::from(1)), Ok(RequestId::Num(1)));
    assert_eq!(
        RequestId::try_from(Number::from(-1)),
        Ok(RequestId::Number((-1).into()))
    );
    assert_eq!(
        RequestId::try_from(Number::from_f64(1e300).unwrap()),
        Err(InvalidRequestId)
    );
}

#[test]
fn display_is_json() {
    for text in ["7", "-7", "1.5", "null", "\"a\\\"\\n\""] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}

proptest! {
    #[test]
    fn ids_survive_a_round_trip(id in strategies::id()) {
        let text = serde_json::to_string(&id).unwrap();
        let value = serde_json::to_value(&id).unwrap();

        prop_assert_eq!(&parse(&text).unwrap(), &id);
        prop_assert_eq!(serde_json::from_value::<RequestId>(value).unwrap(), id);
    }

    #[test]
    fn integers_are_echoed_exactly_or_refused(number in any::<i128>(), shift in 0..128_u32) {
        let text = (number >> shift).to_string();

        match parse(&text) {
            Ok(id) => prop_assert_eq!(serde_json::to_string(&id).unwrap(), text),
            Err(error) => prop_assert!(error.is_data()),
        }
    }

    #[test]
    fn integers_at_the_edges_are_echoed_exactly_or_refused(
        edge in prop_oneof![Just(0), Just(i128::from(u64::MAX)), Just(i128::from(i64::MIN))],
        offset in -5000..5000_i128,
    ) {
        let number = edge + offset;
        let fits = u64::try_from(number).is_ok() || i64::try_from(number).is_ok();

        match parse(&number.to_string()) {
            Ok(id) => prop_assert_eq!(serde_json::to_string(&id).unwrap(), number.to_string()),
            Err(_) => prop_assert!(!fits),
        }
    }

    #[test]
    fn floats_are_echoed_to_the_bit_or_refused(number in any::<f64>()) {
        let text = serde_json::to_string(&number).unwrap();

        match parse(&text) {
            Ok(RequestId::Null) => prop_assert!(!number.is_finite()),
            Ok(id) => {
                let echoed: f64 = serde_json::to_string(&id).unwrap().parse().unwrap();
                prop_assert_eq!(echoed.to_bits(), number.to_bits());
            }
            Err(_) => prop_assert!(number <= LEAST_I64 || number >= ABOVE_U64),
        }
    }

    #[test]
    fn text_and_value_are_read_alike(value in strategies::value()) {
        let from_text = parse(&value.to_string()).ok();
        let from_value = serde_json::from_value::<RequestId>(value.clone()).ok();

        prop_assert_eq!(&from_text, &from_value);
        prop_assert_eq!(
            from_text.is_none(),
            match &value {
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => true,
                Value::Number(number) => RequestId::try_from(number.clone()).is_err(),
                Value::Null | Value::String(_) => false,
            }
        );
    }
}
