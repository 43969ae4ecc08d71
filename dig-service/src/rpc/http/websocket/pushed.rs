//! What a subscription says, as bytes.

use dig_rpc_types::envelope::{JsonRpcError, Version};
use serde::Serialize;
use serde_json::Value;

use super::desk::{Said, What};

/// A notification of a subscription.
#[derive(Serialize)]
struct Pushed<'a> {
    jsonrpc: Version,
    method: &'a str,
    params: PushedParams<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PushedParams<'a> {
    Item {
        subscription: u64,
        result: &'a Value,
    },
    End {
        subscription: u64,
        error: Option<&'a JsonRpcError>,
    },
}

/// Writes the notification.
pub(super) fn write(said: &Said) -> Vec<u8> {
    let subscription = said.number;
    let params = match &said.what {
        What::Item(result) => PushedParams::Item {
            subscription,
            result,
        },
        What::End(error) => PushedParams::End {
            subscription,
            error: error.as_ref(),
        },
    };
    let pushed = Pushed {
        jsonrpc: Version,
        method: said.method,
        params,
    };
    // Values and errors can always be written.
    serde_json::to_vec(&pushed).unwrap_or_default()
}
