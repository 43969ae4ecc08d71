//! The values, in a redb database.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use dig_service::registry::{Error, Result};
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::config::Config;

const VALUES: TableDefinition<'_, &str, &str> = TableDefinition::new("values");

/// Keeps values on disk; open between boot and shutdown.
pub(crate) struct Store {
    file: PathBuf,
    database: Mutex<Option<Arc<Database>>>,
}

#[dig_service::provider(state = Config, name = "store", boot_timeout = "10s")]
impl Store {
    #[boot]
    fn open(&self) -> anyhow::Result<()> {
        let database = Database::create(&self.file)?;
        let write = database.begin_write()?;
        write.open_table(VALUES)?;
        write.commit()?;
        *self.slot() = Some(Arc::new(database));
        Ok(())
    }

    /// Closes the file, whose lock would keep the next boot from opening it.
    #[shutdown]
    fn close(&self) {
        self.slot().take();
    }
}

impl Store {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self {
            file,
            database: Mutex::new(None),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<String>> {
        let table = self.database()?.begin_read()?.open_table(VALUES)?;
        Ok(table.get(key)?.map(|value| value.value().to_owned()))
    }

    pub(crate) fn put(&self, key: &str, value: &str) -> Result<()> {
        let write = self.database()?.begin_write()?;
        write.open_table(VALUES)?.insert(key, value)?;
        write.commit()?;
        Ok(())
    }

    fn database(&self) -> Result<Arc<Database>> {
        self.slot()
            .clone()
            .ok_or_else(|| Error::msg("the store is closed"))
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Arc<Database>>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
