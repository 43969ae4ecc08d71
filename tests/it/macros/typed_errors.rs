//! Errors that come back as what they were: `IntoRpcError::from_rpc_error`.

use std::fmt;

use dig_service::{ErrorCode, ErrorInfo, IntoRpcError, JsonRpcError, RpcError};
use serde_json::json;

#[derive(Debug, PartialEq, RpcError)]
enum Fault {
    /// Has a code of its own.
    #[rpc_error(code = NotSynced)]
    Behind,
    #[rpc_error(code = 4001, message = "twin")]
    First,
    #[rpc_error(code = 4001)]
    Second,
    /// Says nothing of itself.
    Plain,
    #[rpc_error(code = 4002, fields)]
    Named { r#type: String, limit: Option<u8> },
    #[rpc_error(code = 4003, fields)]
    One(Vec<u8>),
    #[rpc_error(code = 4004, fields)]
    Two(u8, String),
    #[rpc_error(code = 4005)]
    Lost(u8),
    #[rpc_error(code = ResourceNotFound)]
    Gone,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[derive(Debug, PartialEq, RpcError)]
#[rpc_error(code = 4100, message = "over the limit", fields)]
struct Limit {
    most: u32,
}

/// Sends an error as bytes and reads it back.
fn over_the_wire<E: IntoRpcError>(error: E) -> Result<E, JsonRpcError> {
    let text = serde_json::to_string(&error.into_rpc_error()).unwrap_or_default();
    match serde_json::from_str(&text) {
        Ok(error) => E::from_rpc_error(error),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn variants_without_fields_and_with_marked_fields_come_back() {
    for (error, twin) in [
        (Fault::Behind, Fault::Behind),
        (Fault::First, Fault::First),
        (Fault::Second, Fault::Second),
        (Fault::Plain, Fault::Plain),
        (named(Some(3)), named(Some(3))),
        (named(None), named(None)),
        (Fault::One(vec![1, 2]), Fault::One(vec![1, 2])),
        (Fault::One(Vec::new()), Fault::One(Vec::new())),
        (Fault::Two(1, "b".to_owned()), Fault::Two(1, "b".to_owned())),
    ] {
        assert_eq!(over_the_wire(error), Ok(twin));
    }
    assert_eq!(over_the_wire(Limit { most: 9 }), Ok(Limit { most: 9 }));
}

fn named(limit: Option<u8>) -> Fault {
    Fault::Named {
        r#type: "x".to_owned(),
        limit,
    }
}

#[test]
fn fields_are_the_data() {
    let data = |error: Fault| error.into_rpc_error().data;
    assert_eq!(
        data(named(None)),
        Some(json!({ "type": "x", "limit": null }))
    );
    assert_eq!(data(Fault::One(vec![7])), Some(json!([7])));
    assert_eq!(data(Fault::Two(1, "b".to_owned())), Some(json!([1, "b"])));
    assert_eq!(data(Fault::Lost(1)), None);
}

#[test]
fn what_cannot_be_told_stays_what_was_sent() {
    let lost = Fault::Lost(1).into_rpc_error();
    assert_eq!(Fault::from_rpc_error(lost.clone()), Err(lost));

    for (code, message, data) in [
        // The server's own, which has the code of `Plain`.
        (-32603, "internal error", json!(null)),
        (4001, "neither of the twins", json!(null)),
        (4002, "named", json!({ "limit": 3 })),
        (4002, "named", json!({ "type": 5 })),
        (4004, "two", json!([1])),
        (4004, "two", json!([1, "b", 3])),
        (9999, "unknown", json!(null)),
    ] {
        let error = JsonRpcError::new(code, message).with_data(data);
        assert_eq!(Fault::from_rpc_error(error.clone()), Err(error));
    }
    // A code of its own tells a variant, whatever the text has become.
    let newer = JsonRpcError::new(ErrorCode::ResourceNotFound, "text of another version");
    assert_eq!(Fault::from_rpc_error(newer), Ok(Fault::Gone));
    // One that servers send, too, does not.
    let servers = JsonRpcError::new(ErrorCode::NotSynced, "the service is still starting");
    assert_eq!(Fault::from_rpc_error(servers.clone()), Err(servers));
}

#[test]
fn types_of_others_come_back_as_far_as_they_can() {
    let coded = JsonRpcError::from(ErrorCode::RateLimited);
    let worded = JsonRpcError::new(ErrorCode::RateLimited, "slow down");

    assert_eq!(
        JsonRpcError::from_rpc_error(worded.clone()),
        Ok(worded.clone())
    );
    assert_eq!(ErrorCode::from_rpc_error(coded), Ok(ErrorCode::RateLimited));
    assert_eq!(
        ErrorCode::from_rpc_error(worded.clone()),
        Err(worded.clone())
    );
    assert_eq!(
        anyhow::Error::from_rpc_error(worded.clone()).unwrap_err(),
        worded
    );
}

#[test]
fn declared_errors_are_the_variants() {
    let declared: Vec<(i32, &str, &str)> = Fault::declared()
        .iter()
        .map(|error| (error.code(), error.message(), error.doc()))
        .collect();

    assert_eq!(declared[0], (10001, "", "Has a code of its own."));
    assert_eq!(declared[1], (4001, "twin", ""));
    assert_eq!(declared[3], (-32603, "", "Says nothing of itself."));
    assert_eq!(declared.len(), 9);
    assert_eq!(
        Limit::declared(),
        [ErrorInfo::new(4100, "over the limit", "")]
    );
}
