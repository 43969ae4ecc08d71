//! Work that a node declares, on an `impl` block and on a struct.

use dig_service::TaskContext;

pub struct Node;

#[dig_service::node]
impl Node {
    #[task(every = "1m30s", jitter = "10%")]
    async fn gc(&self) -> anyhow::Result<()> {
        Ok(())
    }

    #[supervised(restart = "on_failure", max_restarts = 5, within = "1m")]
    async fn sync(&self, ctx: &TaskContext) -> anyhow::Result<()> {
        ctx.shutdown.cancelled().await;
        Ok(())
    }

    #[reload(order = 10)]
    fn reopen(&self) {}
}

#[dig_service::node]
pub struct Split;

#[dig_service::methods]
impl Split {
    #[cfg(all())]
    #[task(every = Self::interval)]
    fn beat(&self) {}

    fn interval(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1)
    }
}

fn main() {}
