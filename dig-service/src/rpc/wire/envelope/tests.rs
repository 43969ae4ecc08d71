use proptest::prelude::*;

use super::*;

const LIMIT: usize = 3;

/// Writes down what became of a message: `call id method params`, or `invalid id what`.
fn verdict(text: &str) -> String {
    verdict_of(parse(text.as_bytes(), LIMIT))
}

fn verdict_of(message: Message<'_>) -> String {
    match message {
        Message::Single(entry) => tell(&entry),
        Message::Batch(entries) => {
            let told: Vec<_> = entries.iter().map(tell).collect();
            format!("[{}]", told.join("; "))
        }
        Message::Unreadable(Fault::NotJson(_)) => "not json".to_owned(),
        Message::Unreadable(fault) => format!("{fault:?}"),
    }
}

fn tell(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Call(Call { id, method, params }) => {
            let id = id.as_ref().map_or("-".to_owned(), RequestId::to_string);
            format!("call {id} {method} {params}")
        }
        Entry::Invalid { id, fault } => format!("invalid {id} {}", what(fault)),
    }
}

fn what(fault: &Fault) -> &str {
    match fault {
        Fault::NotACall(what) => what.split('`').nth(1).unwrap_or(what),
        _ => "other",
    }
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(verdict(text), *expected, "{text}");
    }
}

#[test]
fn a_call_needs_version_method_and_readable_members() {
    check(&[
        (r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#, "call 1 a null"),
        (
            r#" {"method":"a","params":[1],"id":"x","jsonrpc":"2.0"} "#,
            r#"call "x" a [1]"#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"a","params":{"b":1}}"#,
            r#"call - a {"b":1}"#,
        ),
        (r#"{"id":1,"method":"a"}"#, "invalid 1 jsonrpc"),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"a"}"#,
            "invalid 1 jsonrpc",
        ),
        (
            r#"{"jsonrpc":2.0,"id":1,"method":"a"}"#,
            "invalid 1 jsonrpc",
        ),
        (
            r#"{"jsonrpc":["2.0"],"id":1,"method":"a"}"#,
            "invalid 1 jsonrpc",
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#, "invalid 1 method"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":null}"#,
            "invalid 1 method",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":{"a":[1]}}"#,
            "invalid 1 method",
        ),
        (r#"{"foo":"boo"}"#, "invalid null jsonrpc"),
        ("{}", "invalid null jsonrpc"),
    ]);
}

#[test]
fn params_are_an_array_an_object_or_absent() {
    check(&[
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":null}"#,
            "call 1 a null",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":[]}"#,
            "call 1 a []",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":5}"#,
            "invalid 1 params",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":"b"}"#,
            "invalid 1 params",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":true}"#,
            "invalid 1 params",
        ),
        (
            r#"{"jsonrpc":"2.0","method":"a","params":5}"#,
            "invalid null params",
        ),
    ]);
}

#[test]
fn an_id_is_echoed_or_refused_never_changed() {
    check(&[
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"a"}"#,
            "call null a null",
        ),
        (
            r#"{"jsonrpc":"2.0","id":-1,"method":"a"}"#,
            "call -1 a null",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#,
            "call 1.5 a null",
        ),
        (
            r#"{"jsonrpc":"2.0","id":18446744073709551615,"method":"a"}"#,
            "call 18446744073709551615 a null",
        ),
        (
            r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"a"}"#,
            "invalid null id",
        ),
        (
            r#"{"jsonrpc":"2.0","id":true,"method":"a"}"#,
            "invalid null id",
        ),
        (
            r#"{"jsonrpc":"2.0","id":[1],"method":"a"}"#,
            "invalid null id",
        ),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"a"}"#,
            "invalid null id",
        ),
        (r#"{"jsonrpc":"2.0","id":1e400,"method":"a"}"#, "not json"),
    ]);
}

#[test]
fn a_member_given_twice_makes_no_call() {
    check(&[
        (
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"a"}"#,
            "invalid 1 a member is given twice",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#,
            "invalid 1 a member is given twice",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#,
            "invalid null a member is given twice",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":null,"params":[]}"#,
            "invalid 1 a member is given twice",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","extra":1,"extra":2}"#,
            "call 1 a null",
        ),
    ]);
}

#[test]
fn escapes_are_undone_in_names_and_values() {
    check(&[
        (
            r#"{"json\u0072pc":"2\u002e0","id":"\n","method":"\u0061b"}"#,
            r#"call "\n" ab null"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":"\ud800","method":"a"}"#,
            "not json",
        ),
    ]);
}

#[test]
fn what_is_no_object_is_no_call() {
    for text in ["1", "-1", "1.5", "true", "null", r#""a""#] {
        assert_eq!(verdict(text), "invalid null a call must be an object");
    }
    check(&[
        ("", "not json"),
        ("  ", "not json"),
        ("{", "not json"),
        ("{} {}", "not json"),
        ("{}x", "not json"),
        ("[1,]", "not json"),
        ("nul", "not json"),
    ]);
}

#[test]
fn a_batch_is_judged_element_by_element() {
    check(&[
        ("[]", "EmptyBatch"),
        ("[[]]", "[invalid null a call must be an object]"),
        (
            r#"[1, {"jsonrpc":"2.0","method":"a"}, [[2]]]"#,
            "[invalid null a call must be an object; call - a null; \
             invalid null a call must be an object]",
        ),
        (r#"[{"jsonrpc":"2.0","method":"a"},"#, "not json"),
    ]);
}

#[test]
fn a_batch_beyond_the_limit_is_refused_as_a_whole() {
    check(&[
        ("[1,2,3,4]", "LongBatch { limit: 3 }"),
        ("[1,2,3,4", "not json"),
    ]);
    assert!(matches!(parse(b"[1,2,3]", LIMIT), Message::Batch(all) if all.len() == 3));
    let huge = format!("[{}1]", "1,".repeat(10_000));
    assert_eq!(verdict(&huge), "LongBatch { limit: 3 }");
}

#[test]
fn a_limit_of_zero_leaves_no_batch() {
    assert_eq!(verdict_of(parse(b"[]", 0)), "EmptyBatch");
    assert_eq!(verdict_of(parse(b"[1]", 0)), "LongBatch { limit: 0 }");
    assert_eq!(
        verdict_of(parse(br#"{"jsonrpc":"2.0","method":"a"}"#, 0)),
        "call - a null"
    );
}

#[test]
fn depth_is_bounded() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let call =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{params}}}"#);

    assert!(verdict(&call(&deep(100))).starts_with("call 1 a [["));
    assert_eq!(verdict(&call(&deep(1_000_000))), "not json");
    assert_eq!(verdict(&call(&"[".repeat(1_000_000))), "not json");
    assert_eq!(
        verdict(&deep(1_000_000)),
        "[invalid null a call must be an object]"
    );
    let aside = format!(
        r#"{{"jsonrpc":"2.0","aside":{},"method":"a"}}"#,
        deep(1_000_000)
    );
    assert_eq!(verdict(&aside), "call - a null");
}

#[test]
fn bytes_that_are_not_utf8_are_refused_wherever_they_are() {
    let inside = b"{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"aside\":\"\xff\"}";
    assert_eq!(verdict_of(parse(inside, LIMIT)), "NotUtf8");
    assert_eq!(verdict_of(parse(b"\xff", LIMIT)), "NotUtf8");
    assert_eq!(verdict("\u{feff}{}"), "not json");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = parse(&bytes, LIMIT);
    }

    #[test]
    fn no_json_like_text_makes_it_panic(text in r#"[\[\]{}":,0-9a-z.\\ -]{0,64}"#) {
        let _ = parse(text.as_bytes(), LIMIT);
    }

    #[test]
    fn verdicts_agree_with_the_wire_types(
        version in proptest::option::of(prop_oneof!["\"2\\.0\"", "\"1\\.0\"", "2"]),
        id in proptest::option::of(prop_oneof!["null", "true", "-?[0-9]{1,22}", "\"[a-z]{0,3}\""]),
        method in proptest::option::of(prop_oneof!["\"[a-z]{0,3}\"", "1"]),
        params in proptest::option::of(prop_oneof!["null", "\\[1\\]", "\\{\"a\":1\\}"]),
    ) {
        let members = [("jsonrpc", version), ("id", id), ("method", method), ("params", params)];
        let members: Vec<_> = members
            .into_iter()
            .filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)))
            .collect();
        let text = format!("{{{}}}", members.join(","));

        let read = serde_json::from_str::<dig_rpc_types::Incoming>(&text);

        match (parse(text.as_bytes(), LIMIT), read) {
            (Message::Single(Entry::Call(call)), Ok(incoming)) => {
                prop_assert_eq!(call.id.as_ref(), incoming.id());
                prop_assert_eq!(&*call.method, incoming.method());
                prop_assert_eq!(call.params, incoming.params().cloned().unwrap_or_default());
            }
            (Message::Single(Entry::Invalid { .. }) | Message::Unreadable(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{text}: {ours:?}, {theirs:?}"),
        }
    }
}
