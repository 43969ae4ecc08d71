//! A node whose methods differ in what a client has to do for them.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dig_service::{JsonRpcError, RpcContext};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Block {
    pub(super) height: u64,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct SearchResult {
    pub(super) hits: u64,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Filter {
    pub(super) from: u64,
    pub(super) to: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, dig_service::RpcError)]
pub(super) enum ChainError {
    #[rpc_error(code = ResourceNotFound)]
    NoBlock,
    #[rpc_error(code = 4001, fields)]
    Behind { by: u64 },
    #[rpc_error(code = 4002)]
    Untold(u8),
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

type FoundResult<T> = Result<T, ChainError>;

#[derive(Default)]
pub(super) struct Chain<S> {
    pub(super) store: S,
    pub(super) notes: AtomicU64,
}

#[dig_service::node(
    name = "chain",
    namespace = "chain",
    separator = ".",
    rename_all = "camelCase",
    client = ChainClient
)]
impl<S: Send + Sync + 'static> Chain<S> {
    /// Gets a block.
    #[rpc]
    async fn get_block(&self, _cx: &RpcContext, height: u64) -> FoundResult<Option<Block>> {
        match height {
            0..10 => Ok(Some(Block { height })),
            10..20 => Err(ChainError::Behind { by: height - 9 }),
            20 => Err(ChainError::Untold(1)),
            21 => Ok(None),
            _ => Err(ChainError::NoBlock),
        }
    }

    #[rpc]
    fn greet(&self, full_name: &str, greeting: Option<&str>) -> String {
        format!("{} {full_name}", greeting.unwrap_or("Hello"))
    }

    #[rpc]
    fn repeat(&self, what: Cow<'_, str>, #[arg(default = 2)] times: usize) -> String {
        what.repeat(times)
    }

    #[rpc(params = "positional")]
    fn place(&self, first: u8, second: Option<u8>, third: Option<u8>) -> Vec<Option<u8>> {
        vec![Some(first), second, third]
    }

    #[rpc]
    fn count(&self, #[params] Filter { from, to }: Filter) -> u64 {
        to.unwrap_or(100) - from
    }

    // Called a result, and none.
    #[rpc]
    fn search(&self) -> SearchResult {
        SearchResult { hits: 3 }
    }

    #[rpc]
    fn motto(&self) -> &'static str {
        "steady"
    }

    #[rpc(notification)]
    fn note(&self, weight: u64) {
        self.notes.fetch_add(weight, Ordering::Relaxed);
    }

    #[rpc]
    fn notes(&self) -> u64 {
        self.notes.load(Ordering::Relaxed)
    }

    #[rpc]
    async fn sleep(&self, millis: u64) -> Result<(), JsonRpcError> {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(())
    }

    #[rpc]
    fn panic(&self) -> Result<u8, JsonRpcError> {
        panic!("at the disco")
    }

    #[rpc]
    fn secret(&self) -> anyhow::Result<u8> {
        anyhow::bail!("the password is wrong")
    }

    #[cfg(any())]
    #[rpc]
    fn absent(&self) -> Nothing {}

    // Not in the client's way: no RPC method.
    #[allow(dead_code, reason = "it is only to be there")]
    fn helper(&self) -> &S {
        &self.store
    }
}
