use std::sync::Arc;

use dig_service::registry::BootContext;
use dig_service::TaskContext;

pub struct Config;

pub struct Store;

#[dig_service::provider(state = Config, name = "store", boot_priority = 50, shutdown_timeout = "2s")]
impl Store {
    #[boot]
    fn open(&self, config: &Config) -> anyhow::Result<()> {
        let _ = config;
        Ok(())
    }

    #[validate]
    fn check(&self) {}

    #[shutdown]
    async fn close(&self) {}
}

#[derive(Clone)]
pub struct Cache;

#[dig_service::provider(state = Config, restart = "on_failure", reload_priority = 150)]
impl Cache {
    #[boot]
    async fn fill(&self, cx: &BootContext<'_, Config>, store: Arc<Store>, none: Option<Arc<Missing>>) {
        let _ = (cx, store, none);
    }

    #[prepare]
    async fn read(&self, config: &Config) -> std::io::Result<()> {
        let _ = config;
        Ok(())
    }

    #[reload]
    fn apply(&self) {}

    #[revert]
    fn undo(&self) {}

    #[run]
    async fn follow(&self, config: Config, task: TaskContext) {
        let _ = (config, task);
    }
}

pub struct Missing;

#[dig_service::provider(state = Config)]
impl Missing {}

fn main() {}
