//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::blob::BlobHash;

/// A failure of the store. Cheap to clone, as all puts of one commit share it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The data directory, or the file in it, cannot be made or written.
    #[error("`{}` cannot be used for data; make it writable or pass another --data", .path.display())]
    Folder {
        path: PathBuf,
        #[source]
        error: Arc<io::Error>,
    },
    /// Another node has the lock.
    #[error("data directory `{}` is in use by another node{}; stop it or pass another --data", .path.display(), pid_note(.pid.as_deref()))]
    InUse { path: PathBuf, pid: Option<String> },
    /// The file is there, but it is not a sound database of this program.
    #[error("database file `{}` cannot be opened ({why}); nothing was deleted: restore it from a backup, or move it away to start with an empty store", .path.display())]
    Unreadable { path: PathBuf, why: String },
    /// The blob's bytes do not match its hash any more.
    #[error("blob {0} is damaged on disk")]
    Damaged(BlobHash),
    /// The store is not open: before `pre_start`, after `post_stop`.
    #[error("the store is closed")]
    Closed,
    /// redb failed.
    #[error("database")]
    Database(#[source] Arc<redb::Error>),
    /// The operation panicked.
    #[error("a database operation panicked")]
    Panicked,
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Database(Arc::new(error.into()))
    }
}

fn pid_note(pid: Option<&str>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}
