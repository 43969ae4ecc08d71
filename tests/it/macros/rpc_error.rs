//! `#[derive(RpcError)]`.

use std::fmt;

use dig_service::{ErrorCode, IntoRpcError, RpcApi, RpcError};
use serde_json::{Value, json};

#[derive(Debug, RpcError)]
#[rpc_error(data = Self::details)]
enum ChainError<K> {
    #[rpc_error(code = NotSynced)]
    Behind {
        blocks: u64,
    },
    #[rpc_error(code = 4001, message = "bad key")]
    Key(K, ()),
    #[rpc_error(code = -32050)]
    Negative,
    #[cfg(any())]
    Off(Missing),
    Broken,
}

impl<K> ChainError<K> {
    fn details(&self) -> Option<Value> {
        match self {
            Self::Behind { blocks } => Some(json!({ "blocks": blocks })),
            _ => None,
        }
    }
}

impl<K> fmt::Display for ChainError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { blocks } => write!(f, "{blocks} blocks behind"),
            Self::Key(..) => f.write_str("key of the vault"),
            Self::Negative => f.write_str("negative"),
            Self::Broken => f.write_str("broken"),
        }
    }
}

#[derive(Debug, RpcError)]
#[rpc_error(code = PermissionDenied)]
struct Denied;

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("denied")
    }
}

#[test]
fn each_variant_has_its_code_and_message() {
    let table = [
        (
            ChainError::Behind { blocks: 12 },
            10001,
            "12 blocks behind",
            Some(json!({"blocks": 12})),
        ),
        (ChainError::Key("k", ()), 4001, "bad key", None),
        (ChainError::Negative, -32050, "negative", None),
        (ChainError::Broken, -32603, "broken", None),
    ];

    for (error, code, message, data) in table {
        let sent = error.into_rpc_error();
        assert_eq!(
            (sent.code.code(), sent.message.as_str(), sent.data),
            (code, message, data)
        );
    }
    assert_eq!(Denied.into_rpc_error().code, ErrorCode::PermissionDenied);
}

struct Gate;

#[dig_service::node]
impl Gate {
    #[rpc]
    async fn enter(&self) -> Result<u8, Denied> {
        Err(Denied)
    }
}

#[tokio::test]
async fn a_method_may_return_it() {
    let error = Gate.dispatch("enter", Value::Null).await.unwrap_err();

    assert_eq!(
        (error.code, error.message.as_str()),
        (ErrorCode::PermissionDenied, "denied")
    );
}
