//! The node whose methods are called: by jsonrpsee when it is ours, by its typed client when it is
//! jsonrpsee's.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dig_service::schemars::{self, JsonSchema};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// A block of the chain.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Block {
    /// How many blocks are below.
    pub height: u64,
    /// The hash of the block below, or null for the first.
    pub parent: Option<String>,
}

impl Block {
    pub fn new(height: u64) -> Self {
        let parent = height.checked_sub(1).map(|below| format!("{below:02x}"));
        Self { height, parent }
    }
}

/// What is looked for.
#[derive(Debug, Deserialize, JsonSchema, Serialize)]
pub struct Range {
    /// The least height.
    pub from: u64,
    pub to: Option<u64>,
}

impl Range {
    pub fn heights(&self) -> Vec<u64> {
        (self.from..self.to.unwrap_or(self.from + 1)).collect()
    }
}

#[derive(Debug, PartialEq, dig_service::RpcError)]
pub enum ChainError {
    /// No block is there.
    #[rpc_error(code = ResourceNotFound, message = "no such block")]
    NoBlock,
    /// The node has fallen behind.
    #[rpc_error(code = 4001, message = "behind", fields)]
    Behind { by: u64 },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Blocks below 10 are there, those below 20 are not there yet.
pub struct Chain {
    pub heads: broadcast::Sender<u64>,
    pub noted: AtomicU64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            heads: broadcast::Sender::new(1024),
            noted: AtomicU64::default(),
        }
    }
}

/// A chain of blocks.
#[dig_service::node(
    name = "chain",
    namespace = "chain",
    rename_all = "camelCase",
    discover,
    client = ChainClient
)]
impl Chain {
    /// Gets a block.
    #[rpc]
    fn get_block(
        &self,
        /// Its height.
        height: u64,
        brief: Option<bool>,
    ) -> Result<Block, ChainError> {
        match height {
            0..10 if brief == Some(true) => Ok(Block {
                height,
                parent: None,
            }),
            0..10 => Ok(Block::new(height)),
            10..20 => Err(ChainError::Behind { by: height - 9 }),
            _ => Err(ChainError::NoBlock),
        }
    }

    #[rpc]
    fn add(&self, a: u64, b: u64) -> u64 {
        a.saturating_add(b)
    }

    /// Adds up any number of numbers.
    #[rpc(params = "positional")]
    fn sum(&self, #[params] numbers: Vec<i32>) -> i64 {
        numbers.into_iter().map(i64::from).sum()
    }

    /// Lists the heights in a range.
    #[rpc(params = "named")]
    fn heights(&self, #[params] range: Range) -> Vec<u64> {
        range.heights()
    }

    #[rpc]
    fn echo(&self, text: String) -> String {
        text
    }

    #[rpc]
    async fn sleep(&self, millis: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        millis
    }

    /// Adds to what is noted.
    #[rpc(notification)]
    fn note(&self, weight: u64) {
        self.noted.fetch_add(weight, Ordering::SeqCst);
    }

    #[rpc]
    fn noted(&self) -> u64 {
        self.noted.load(Ordering::SeqCst)
    }

    /// The heads from now on.
    #[rpc(subscription)]
    fn subscribe_heads(&self) -> impl Stream<Item = Block> + Send + use<> {
        stream::unfold(self.heads.subscribe(), async |mut heads| {
            let head = heads.recv().await.ok()?;
            Some((Block::new(head), heads))
        })
    }

    /// Counts up to a limit, and then ends or fails.
    #[rpc(subscription, unsubscribe = "stop_counting")]
    fn count(
        &self,
        upto: u64,
        fails: Option<bool>,
    ) -> Result<impl Stream<Item = Result<u64, ChainError>> + Send + use<>, ChainError> {
        if upto == 0 {
            return Err(ChainError::NoBlock);
        }
        let failure = fails
            .unwrap_or(false)
            .then_some(ChainError::Behind { by: upto });
        let end = stream::iter(failure.map(Err));
        Ok(stream::iter((0..upto).map(Ok)).chain(end))
    }
}
