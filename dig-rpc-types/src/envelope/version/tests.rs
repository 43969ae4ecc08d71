use super::*;

#[test]
fn version_has_no_size() {
    assert_eq!(size_of::<Version>(), 0);
}

#[test]
fn version_is_the_string() {
    assert_eq!(serde_json::to_string(&Version).unwrap(), "\"2.0\"");
    assert_eq!(serde_json::from_str::<Version>("\"2.0\"").unwrap(), Version);
    assert_eq!(
        serde_json::from_value::<Version>("2.0".into()).unwrap(),
        Version
    );
    assert_eq!(Version.to_string(), "2.0");
}

#[test]
fn escaped_text_is_the_same_string() {
    assert_eq!(
        serde_json::from_str::<Version>(r#""2\u002e0""#).unwrap(),
        Version
    );
}

#[test]
fn all_else_is_refused() {
    for text in [
        "\"1.0\"", "\"2\"", "\"2.0 \"", "\"\"", "2.0", "2", "null", "true", "[]", "{}",
    ] {
        let error = serde_json::from_str::<Version>(text)
            .unwrap_err()
            .to_string();

        assert!(
            error.contains("expected the JSON-RPC version \"2.0\""),
            "{text}: {error}"
        );
    }
}
