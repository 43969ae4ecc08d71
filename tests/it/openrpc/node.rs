//! A node with one method of each kind that a document can tell apart.

use std::time::Duration;

use dig_service::schemars::{self, JsonSchema};
use dig_service::{JsonRpcError, RpcContext};
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

/// A block of the chain.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub(crate) struct Block {
    /// How many blocks are below.
    pub(crate) height: u64,
    pub(crate) parent: Option<Box<Self>>,
}

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Filter {
    /// The least height.
    pub(crate) from: u64,
    pub(crate) to: Option<u64>,
}

#[derive(Debug, dig_service::RpcError)]
pub(crate) enum ChainError {
    /// No block is there.
    #[rpc_error(code = ResourceNotFound, message = "no such block")]
    NoBlock,
    /// The node has fallen behind.
    #[rpc_error(code = 4001, message = "behind", fields)]
    Behind { by: u64 },
}

type Found<T> = Result<T, ChainError>;

pub(crate) struct Chain<S>(pub(crate) S);

/// A chain of blocks.
#[dig_service::node(name = "chain", namespace = "chain", separator = ".", discover)]
impl<S: Send + Sync + 'static> Chain<S> {
    /// Gets a block.
    ///
    /// The genesis block has height 0.
    #[rpc(alias = "block")]
    async fn get_block(
        &self,
        _cx: &RpcContext,
        /// Height of the block.
        #[arg(alias = "h")]
        height: u64,
        full: Option<bool>,
    ) -> Found<Option<Block>> {
        match height {
            0..10 if full == Some(true) => Ok(Some(Block {
                height,
                parent: None,
            })),
            0..10 => Ok(None),
            10..20 => Err(ChainError::Behind { by: height - 9 }),
            _ => Err(ChainError::NoBlock),
        }
    }

    #[rpc]
    fn echo(&self, text: &str, #[arg(default = 1)] times: usize) -> String {
        text.repeat(times)
    }

    #[rpc]
    fn count(&self, #[params] filter: Filter) -> u64 {
        filter.to.unwrap_or(u64::MAX) - filter.from
    }

    #[rpc(params = "positional")]
    fn sum(&self, #[params] numbers: Vec<i64>) -> i64 {
        numbers.iter().sum()
    }

    #[rpc(params = "positional", tier = "control", timeout = "1m")]
    async fn pause(&self, seconds: f64) -> Result<(), JsonRpcError> {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        Ok(())
    }

    #[rpc(params = "named", notification)]
    fn note(&self, what: String) {
        drop(what);
    }

    #[rpc]
    #[deprecated = "ask for the block"]
    fn head(&self) -> anyhow::Result<u64> {
        Ok(9)
    }

    #[rpc(hidden)]
    fn secret(&self) -> u8 {
        7
    }

    #[cfg(any())]
    #[rpc]
    fn absent(&self) -> NoSuchType {}

    /// The heads as they come.
    #[rpc(subscription)]
    fn subscribe_heads(&self) -> Result<BoxStream<'static, Block>, ChainError> {
        Err(ChainError::NoBlock)
    }
}
