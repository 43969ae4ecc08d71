//! A node on an `impl` block.

use dig_service::{JsonRpcError, RpcContext, StartContext};

pub struct Node<S> {
    store: S,
}

#[dig_service::node(name = "fullnode", namespace = "chain", separator = ".")]
impl<S> Node<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Gets a block.
    #[rpc]
    pub async fn get_block(
        &self,
        /// Height of the block.
        height: u64,
        full: Option<bool>,
    ) -> Result<Option<u64>, JsonRpcError> {
        let _ = (&self.store, full);
        Ok(Some(height))
    }

    #[rpc(alias = "say", lenient)]
    #[deprecated]
    fn echo(&self, text: &str, #[arg(default = 1)] times: usize) -> String {
        text.repeat(times)
    }

    #[cfg(all())]
    #[rpc]
    async fn caller(&self, ctx: &RpcContext) -> bool {
        ctx.peer().is_some()
    }

    #[on_start]
    async fn warm(&self, ctx: &StartContext<'_>) -> Result<(), std::fmt::Error> {
        let _ = ctx.name;
        Ok(())
    }

    #[cfg_attr(all(), on_stop)]
    fn flush(&self) {}

    fn helper(&self) -> u64 {
        7
    }
}

fn main() {}
