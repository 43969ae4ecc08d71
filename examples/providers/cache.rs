//! The last values that were asked for, before the store.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dig_service::registry::{Error, Result};

use crate::config::Config;
use crate::store::Store;

/// Keeps as many values as the configuration says.
#[derive(Default)]
pub(crate) struct Cache {
    store: OnceLock<Arc<Store>>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    size: usize,
    /// The latest is last.
    values: VecDeque<(String, String)>,
}

/// More entries than this would be a mistake.
const MOST: usize = 1_000_000;

#[dig_service::provider(state = Config, name = "cache")]
impl Cache {
    #[boot]
    fn fill(&self, config: &Config, store: Arc<Store>) -> Result<()> {
        self.check(config)?;
        self.kept().size = config.values()?.cache;
        let _ = self.store.set(store);
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "every hook takes `&self`")]
    #[prepare]
    fn check(&self, config: &Config) -> Result<()> {
        let asked = config.upcoming()?.cache;
        if asked > MOST {
            return Err(Error::msg(format!("cache = {asked} is beyond {MOST}")));
        }
        Ok(())
    }

    #[reload]
    fn resize(&self, config: &Config) -> Result<()> {
        self.set_size(config.values()?.cache);
        Ok(())
    }
}

impl Cache {
    pub(crate) fn get(&self, key: &str) -> Result<Option<String>> {
        if let Some((_, value)) = self.kept().values.iter().find(|(kept, _)| kept == key) {
            return Ok(Some(value.clone()));
        }
        let store = self
            .store
            .get()
            .ok_or_else(|| Error::msg("the cache has not booted"))?;
        let value = store.get(key)?;
        if let Some(value) = &value {
            self.keep(key, value);
        }
        Ok(value)
    }

    pub(crate) fn keep(&self, key: &str, value: &str) {
        let mut kept = self.kept();
        kept.values.retain(|(other, _)| other != key);
        kept.values.push_back((key.to_owned(), value.to_owned()));
        let size = kept.size;
        drop(kept);
        self.set_size(size);
    }

    pub(crate) fn len(&self) -> usize {
        self.kept().values.len()
    }

    fn set_size(&self, size: usize) {
        let mut kept = self.kept();
        kept.size = size;
        let too_many = kept.values.len().saturating_sub(size);
        kept.values.drain(..too_many);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
