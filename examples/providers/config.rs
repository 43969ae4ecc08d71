//! The shared state: the configuration in force, read anew at each reload.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use dig_service::prelude::*;
use dig_service::registry::{Error, ReloadState, Result};

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) greeting: String,
    /// How many values the cache holds.
    pub(crate) cache: usize,
}

/// The configuration; clones share it.
#[derive(Clone)]
pub(crate) struct Config(Arc<Shared>);

struct Shared {
    file: PathBuf,
    /// Replaced whole, so that no reader sees a part.
    values: Mutex<Snapshots>,
    handle: OnceLock<ServiceHandle>,
}

#[derive(Default)]
struct Snapshots {
    in_force: Option<Arc<Values>>,
    prepared: Option<Arc<Values>>,
    before: Option<Arc<Values>>,
    /// When the file was last changed, as of the first reading: what [`Watch`] begins with.
    first_read: Option<SystemTime>,
}

impl Config {
    pub(crate) fn new(file: PathBuf) -> Self {
        let (values, handle) = (Mutex::default(), OnceLock::new());
        Self(Arc::new(Shared {
            file,
            values,
            handle,
        }))
    }

    pub(crate) fn steered_by(&self, handle: ServiceHandle) {
        // Once, by `main`.
        let _ = self.0.handle.set(handle);
    }

    /// The values in force; read from the file the first time.
    pub(crate) fn values(&self) -> Result<Arc<Values>> {
        let mut snapshots = self.snapshots();
        if let Some(values) = &snapshots.in_force {
            return Ok(Arc::clone(values));
        }
        // Before the text: a change in between is then one that `Watch` sees.
        snapshots.first_read = self.changed();
        let values = self.read()?;
        snapshots.in_force = Some(Arc::clone(&values));
        Ok(values)
    }

    /// The values that a reload under way will put in force, or those in force.
    pub(crate) fn upcoming(&self) -> Result<Arc<Values>> {
        let prepared = self.snapshots().prepared.clone();
        prepared.map_or_else(|| self.values(), Ok)
    }

    fn read(&self) -> Result<Arc<Values>> {
        let file = self.0.file.display();
        let text = std::fs::read_to_string(&self.0.file)
            .map_err(|error| Error::msg(format!("cannot read {file}: {error}")))?;
        let values = parse(&text).map_err(|what| Error::msg(format!("{file}: {what}")))?;
        Ok(Arc::new(values))
    }

    /// When the file was last changed.
    fn changed(&self) -> Option<SystemTime> {
        let about = std::fs::metadata(&self.0.file);
        about.and_then(|file| file.modified()).ok()
    }

    fn snapshots(&self) -> std::sync::MutexGuard<'_, Snapshots> {
        self.0.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(text: &str) -> std::result::Result<Values, String> {
    let mut values = Values {
        greeting: String::new(),
        cache: 0,
    };
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let number = number + 1;
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {number}: expected `key = value`, found `{line}`"))?;
        match (key.trim(), value.trim()) {
            ("greeting", text) => text.clone_into(&mut values.greeting),
            ("cache", text) => {
                let not = |_| format!("line {number}: `{text}` is not a number of entries");
                values.cache = text.parse().map_err(not)?;
            }
            (key, _) => return Err(format!("line {number}: unknown key `{key}`")),
        }
    }
    Ok(values)
}

#[async_trait]
impl ReloadState for Config {
    async fn prepare(&self) -> Result<()> {
        let values = self.read()?;
        self.snapshots().prepared = Some(values);
        Ok(())
    }

    async fn reload(&self) -> Result<()> {
        let mut snapshots = self.snapshots();
        let next = snapshots.prepared.take();
        snapshots.before = std::mem::replace(&mut snapshots.in_force, next);
        Ok(())
    }

    async fn revert(&self) -> Result<()> {
        let mut snapshots = self.snapshots();
        snapshots.in_force = snapshots.before.take();
        Ok(())
    }
}

/// Asks for a reload whenever the file changes.
#[derive(Clone)]
pub(crate) struct Watch;

#[dig_service::provider(state = Config, name = "watch")]
impl Watch {
    #[run]
    async fn watch(&self, config: Config, task: TaskContext) -> Result<()> {
        let mut seen = config.snapshots().first_read;
        loop {
            tokio::select! {
                () = task.shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
            let now = config.changed();
            if now != seen {
                seen = now;
                if let Some(service) = config.0.handle.get() {
                    service.reload();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_and_its_mistakes_are_named() {
        let values = parse("greeting = good day\n\ncache=3\n");
        assert_eq!(
            values,
            Ok(Values {
                greeting: "good day".to_owned(),
                cache: 3
            })
        );
        for (text, expected) in [
            ("greeting hello", "line 1: expected `key = value`"),
            ("\ncache = many", "line 2: `many` is not a number"),
            ("colour = red", "line 1: unknown key `colour`"),
        ] {
            let error = parse(text).expect_err("a mistake");
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
