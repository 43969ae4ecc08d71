use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A request that is sound, or nearly.
fn nearly_a_request() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![
        Just(json!("r-1")),
        Just(json!(7)),
        Just(Value::Null),
        "\\PC*".prop_map(Value::from)
    ];
    let method = prop_oneof![
        Just(json!("state")),
        Just(json!("command.add_child")),
        Just(json!("events.subscribe")),
        Just(json!(1)),
        "\\PC*".prop_map(Value::from),
    ];
    (id, method, any::<bool>()).prop_map(|(id, method, has_params)| {
        let mut request = json!({ "request_id": id, "method": method });
        if has_params {
            request["params"] = json!({ "a": [1, null, "x"] });
        }
        request.to_string().into_bytes()
    })
}

/// A command that is sound, or nearly.
fn nearly_a_command() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        Just("restart_child"),
        Just("add_child"),
        Just("shutdown_tree"),
        Just("x")
    ];
    let moment = prop_oneof![
        Just(json!("1")),
        Just(json!(0)),
        Just(json!(u64::MAX)),
        Just(json!("-1")),
        any::<u64>().prop_map(|nanos| json!(nanos.to_string())),
    ];
    (kind, "\\PC{0,8}", "\\PC{0,8}", any::<bool>(), moment).prop_map(
        |(kind, reason, by, confirmed, moment)| {
            let command = json!({
                "command_id": "67e55044-10b1-426f-9247-bb680e5fe0c8",
                "target_id": "t", "command": kind, "reason": reason, "requested_by": by,
                "confirmed": confirmed, "requested_at_unix_nanos": moment,
                "target": { "child_path": "x", "child_manifest": "{}" },
            });
            command.to_string().into_bytes()
        },
    )
}

/// Takes a piece out, or puts one in.
fn damaged(sound: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let damage = (
        any::<prop::sample::Index>(),
        0_usize..4,
        proptest::collection::vec(any::<u8>(), 0..3),
    );
    (sound, damage).prop_map(|(mut bytes, (place, out, new))| {
        let place = place.index(bytes.len().max(1)).min(bytes.len());
        let end = (place + out).min(bytes.len());
        bytes.splice(place..end, new);
        bytes
    })
}

proptest! {
    #[test]
    fn frames_hold_for_any_bytes(data in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\n')], 0..300)) {
        frames(&data);
    }

    #[test]
    fn requests_hold_for_any_bytes(
        noise in proptest::collection::vec(any::<u8>(), 0..100),
        sound in nearly_a_request(),
        damaged in damaged(nearly_a_request()),
    ) {
        request(&noise);
        request(&sound);
        request(&damaged);
    }

    #[test]
    fn commands_hold_for_any_bytes(sound in nearly_a_command(), damaged in damaged(nearly_a_command())) {
        command(&sound);
        command(&damaged);
    }

    #[test]
    fn manifests_hold_for_any_text(text in "\\PC{0,60}", fields in "[a-z_{}:,\\[\\]&*! \n\"]{0,60}") {
        manifest(text.as_bytes());
        manifest(fields.as_bytes());
        manifest(format!("{{ \"name\": \"{fields}\" }}").as_bytes());
    }
}

#[test]
fn manifest_that_grows_when_it_is_read_is_refused_in_no_time() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in ('b'..='z').zip('a'..) {
        let nine = vec![format!("*{before}"); 9].join(", ");
        text += &format!("{name}: &{name} [{nine}]\n");
    }
    let refused = |text: &str| read_manifest(text).unwrap_err().message;
    assert!(refused(&text).starts_with("child_manifest: "));
    let deep = "child_manifest: it is nested more than 64 levels deep";
    assert_eq!(refused(&"[".repeat(50_000)), deep);
    assert_eq!(refused(&"{\"params\":".repeat(65)), deep);
    assert_ne!(refused(&"{\"params\":".repeat(64)), deep);
}
