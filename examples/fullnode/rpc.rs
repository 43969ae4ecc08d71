//! What the RPC methods take, return and refuse.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dig_service::RpcError;
use dig_service::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::blob::{Blob, BlobHash};
use crate::store::{Arrival, MAX_BLOB, StoreError};

/// How bytes are written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    /// As the text that they are.
    #[default]
    Utf8,
    /// As standard base64 with padding.
    Base64,
}

/// What `store.put` returns.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Put {
    pub(crate) hash: BlobHash,
    pub(crate) size: usize,
}

/// What `store.get` returns.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Content {
    data: String,
    encoding: Encoding,
    size: usize,
}

/// What `store.follow` tells.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Arrived {
    pub(crate) hash: BlobHash,
    /// Where it is in the order of arrivals.
    pub(crate) place: u64,
}

/// What `node.info` returns.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Info {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) peer_id: BlobHash,
    pub(crate) rpc: Option<SocketAddr>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) data: String,
    /// The most bytes a blob may have.
    pub(crate) max_blob: usize,
    /// How many blobs peers have announced and this node has not got yet.
    pub(crate) missing: usize,
    pub(crate) protocol_violations: u64,
}

/// What `node.stop` returns.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Stopping {
    pub(crate) stopping: bool,
}

/// Why a method did not do what it was asked to.
#[derive(Debug, thiserror::Error, RpcError)]
pub(crate) enum Refusal {
    #[error("no blob {hash}")]
    #[rpc_error(code = ResourceNotFound, fields)]
    NotFound { hash: BlobHash },
    #[error("blob of {size} bytes; the limit is {MAX_BLOB}")]
    #[rpc_error(code = InvalidParams, fields)]
    TooLarge { size: usize },
    #[error("blob {hash} is not UTF-8 text; ask for it with encoding `base64`")]
    #[rpc_error(code = InvalidParams, fields)]
    NotText { hash: BlobHash },
    #[error("data is not base64: {0}")]
    #[rpc_error(code = InvalidParams)]
    NotBase64(base64::DecodeError),
    #[error("limit {limit}; it is 1 to {most}")]
    #[rpc_error(code = InvalidParams, fields)]
    BadLimit { limit: u32, most: u32 },
    /// What went wrong inside is logged, not told.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl From<Arrival> for Arrived {
    fn from(arrival: Arrival) -> Self {
        let Arrival { hash, place, .. } = arrival;
        Self { hash, place }
    }
}

impl Encoding {
    /// Reads bytes from JSON.
    pub(crate) fn decode(self, data: String) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Utf8 => Ok(data.into_bytes()),
            Self::Base64 => STANDARD.decode(data).map_err(Refusal::NotBase64),
        }
    }

    /// Writes a blob for JSON.
    pub(crate) fn encode(self, blob: Blob) -> Result<Content, Refusal> {
        let (hash, size) = (blob.hash(), blob.bytes().len());
        let data = match self {
            Self::Utf8 => {
                String::from_utf8(blob.into_bytes()).map_err(|_| Refusal::NotText { hash })?
            }
            Self::Base64 => STANDARD.encode(blob.bytes()),
        };
        Ok(Content {
            data,
            encoding: self,
            size,
        })
    }
}

#[cfg(test)]
mod tests {
    use dig_service::{ErrorCode, IntoRpcError};

    use super::*;

    #[test]
    fn bytes_survive_base64_and_text_survives_both() {
        for (encoding, bytes) in [
            (Encoding::Base64, &b"\xff\x00"[..]),
            (Encoding::Base64, b"text"),
            (Encoding::Utf8, "täxt".as_bytes()),
            (Encoding::Utf8, b""),
        ] {
            let content = encoding.encode(Blob::new(bytes.to_vec())).unwrap();

            assert_eq!(content.size, bytes.len());
            assert_eq!(encoding.decode(content.data).unwrap(), bytes);
        }
    }

    #[test]
    fn refusals_have_their_codes() {
        let not_text = Encoding::Utf8.encode(Blob::new(vec![0xff])).unwrap_err();
        let not_base64 = Encoding::Base64.decode("?".to_owned()).unwrap_err();
        let hash = BlobHash::of(b"");

        for (refusal, code, text) in [
            (not_text, ErrorCode::InvalidParams, "is not UTF-8"),
            (not_base64, ErrorCode::InvalidParams, "not base64"),
            (
                Refusal::NotFound { hash },
                ErrorCode::ResourceNotFound,
                "no blob e3b0c4",
            ),
            (
                Refusal::TooLarge { size: 9 },
                ErrorCode::InvalidParams,
                "1048576",
            ),
            (
                Refusal::Store(StoreError::Closed),
                ErrorCode::InternalError,
                "",
            ),
        ] {
            let error = refusal.into_rpc_error();
            assert_eq!(error.code, code);
            assert!(error.message.contains(text), "{}", error.message);
        }
    }
}
