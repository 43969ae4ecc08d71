//! Providers as people write them.

use std::future::Future;
use std::sync::Arc;

use dig_service::registry::{self, Provider, Registry};
use dig_service::TaskContext;

/// Generic, with conditions and lints.
pub struct Peers<T> {
    transport: T,
}

#[dig_service::provider(name = "peers", run_priority = registry::priority::LATE)]
impl<T: Clone + Send + Sync + 'static> Peers<T> {
    #[boot]
    #[cfg(not(any()))]
    fn open(&self) -> Result<(), std::fmt::Error> {
        let _ = &self.transport;
        Ok(())
    }

    /// Returns a future that borrows nothing, so that no clone is needed.
    #[run]
    fn work(&self, _task: TaskContext) -> impl Future<Output = anyhow::Result<()>> + Send + use<T> {
        async { Ok(()) }
    }

    #[shutdown]
    fn close(&self) {}
}

type Alias = Result<(), dig_service::registry::Error>;

struct Needs;

#[dig_service::provider]
impl Needs {
    #[boot]
    async fn open(&self, peers: std::sync::Arc<Peers<u8>>) -> Alias {
        let _ = peers;
        Ok(())
    }
}

fn main() {
    let registry = Registry::new();
    registry.insert(Arc::new(Needs)).insert(Arc::new(Peers { transport: 7_u8 }));
    assert_eq!(registry.list_names()[0], "peers");
    assert_eq!(Peers { transport: 0_u8 }.run_priority(), Some(150));
}
