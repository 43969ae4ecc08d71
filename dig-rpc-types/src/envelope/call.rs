//! The members that requests and notifications share, as read from the wire.

use serde::{Deserialize, Deserializer};

use super::{RequestId, Version, object};

/// The members of a call; whether `id` is there decides what kind of call it is.
#[derive(Deserialize)]
#[serde(bound = "P: Deserialize<'de>")]
pub(super) struct Call<P> {
    pub(super) jsonrpc: Version,
    #[serde(default, deserialize_with = "object::present")]
    pub(super) id: Option<RequestId>,
    pub(super) method: String,
    pub(super) params: Option<P>,
}

impl<'de, P: Deserialize<'de>> Call<P> {
    /// Reads a call from an object; `what` names it in the error.
    pub(super) fn read<D>(deserializer: D, what: &'static str) -> Result<Self, D::Error>
    where
        D: Deserializer<'de>,
    {
        object::members(deserializer, what)
    }
}
