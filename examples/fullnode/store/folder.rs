//! The data directory, and the lock that keeps a second node out of it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;

/// A locked data directory; dropping it frees the lock.
///
/// The lock is the operating system's, on the file `lock`: it goes with the process, so a node that
/// was killed leaves nothing to clean up. The file's content, the owner's pid, is for people.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the directory if there is none, and locks it.
    pub(super) fn lock(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::Folder {
            path: path.to_path_buf(),
            error: Arc::new(error),
        };
        create(path).map_err(failed)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let path = path.to_path_buf();
                let pid = owner(&mut lock);
                return Err(StoreError::InUse { path, pid });
            }
        }
        lock.set_len(0).map_err(failed)?;
        writeln!(lock, "{}", std::process::id()).map_err(failed)?;
        Ok(Self {
            path: path.to_path_buf(),
            lock,
        })
    }

    /// Where the database file is.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("blobs.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing the file frees the lock, too; the pid is taken out while it is still ours.
        let _ = self.lock.set_len(0);
    }
}

/// Makes a directory that only its owner may look into.
fn create(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn owner(lock: &mut File) -> Option<String> {
    let mut pid = String::new();
    lock.read_to_string(&mut pid).ok()?;
    let pid = pid.trim();
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then(|| pid.to_owned())
}
