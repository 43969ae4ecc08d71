//! Binding the socket: never open to others, never in another's place.
//!
//! The socket is bound in a private folder beside its place, given its mode there, and only then
//! put into place, so that no moment exists in which others could connect (I52).

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use tokio::net::UnixListener;

use crate::dashboard::config::BindMode;
use crate::dashboard::{DashboardError, DashboardErrorCode, ValidatedDashboardIpcConfig};

/// A socket that listens. It holds a lock file beside it, and is removed when this is dropped.
///
/// Behaves as tokio's [`UnixListener`].
#[derive(Debug)]
pub struct DashboardListener {
    listener: UnixListener,
    place: Place,
    /// Held for as long as the socket may be there; never removed, as a lock file must not be.
    _lock: File,
}

/// A file of ours.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// Device and inode: a file that somebody has put there since is not ours to remove.
    identity: (u64, u64),
}

impl Deref for DashboardListener {
    type Target = UnixListener;

    fn deref(&self) -> &UnixListener {
        &self.listener
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.identity) {
            // Nobody is left to be told.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds the socket of a dashboard, with its mode from the first moment.
///
/// The folder is made with mode `0700` if it is not there. A file `<path>.lock` is made beside the
/// socket, and locked for the life of the listener.
///
/// # Errors
///
/// At `ipc_bind`: `validation_failed` for what is in the place already; `ipc_bind_failed`,
/// `ipc_path_metadata_failed` and `ipc_stale_remove_failed` for what the system refuses.
///
/// # Panics
///
/// Outside a tokio runtime whose I/O is enabled.
pub fn bind_dashboard_listener(
    config: &ValidatedDashboardIpcConfig,
) -> Result<DashboardListener, DashboardError> {
    let path = &config.config().path;
    let parent = path.parent().unwrap_or(Path::new("/"));
    let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
    made.map_err(|error| cannot("make the folder of", path, &error))?;
    let lock = lock(path)?;
    clear(path, config.config().bind_mode)?;
    let listener = bind_aside(path, parent, config.mode());
    let (listener, place) = listener.map_err(|error| cannot("bind", path, &error))?;
    Ok(DashboardListener {
        listener,
        place,
        _lock: lock,
    })
}

impl DashboardListener {
    /// Returns where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }
}

fn lock(path: &Path) -> Result<File, DashboardError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let opened = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(&name);
    let file = opened.map_err(|error| cannot("open the lock file of", path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(occupied("IPC path is served by a live process")),
        Err(TryLockError::Error(error)) => Err(cannot("lock", path, &error)),
    }
}

/// Makes room where the socket is to be, as far as that is allowed.
fn clear(path: &Path, mode: BindMode) -> Result<(), DashboardError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let code = DashboardErrorCode::IpcPathMetadataFailed;
            let what = format!("cannot look at IPC path `{}`: {error}", path.display());
            return Err(DashboardError::bind(code, what));
        }
    };
    if mode == BindMode::CreateNew {
        return Err(occupied(
            "IPC path already exists and bind_mode is create_new",
        ));
    }
    if found.file_type().is_symlink() {
        return Err(occupied("IPC path must not be a symlink"));
    }
    if !found.file_type().is_socket() {
        return Err(occupied(
            "IPC path must be a Unix socket before stale replacement",
        ));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(occupied("IPC path belongs to another user"));
    }
    if is_served(path) {
        return Err(occupied("IPC path is served by a live process"));
    }
    fs::remove_file(path).map_err(|error| {
        let code = DashboardErrorCode::IpcStaleRemoveFailed;
        let what = format!("cannot remove stale IPC path `{}`: {error}", path.display());
        DashboardError::bind(code, what).retryable()
    })
}

/// Whether somebody listens there; never waits, as a full queue would make an ordinary call do.
fn is_served(path: &Path) -> bool {
    let tried = SocketAddrUnix::new(path).and_then(|address| {
        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        ioctl_fionbio(&socket, true)?;
        connect(&socket, &address)
    });
    !matches!(tried, Err(Errno::CONNREFUSED | Errno::NOENT))
}

/// Binds in a folder that nobody else can enter, and puts the socket into place.
fn bind_aside(path: &Path, parent: &Path, mode: u32) -> io::Result<(UnixListener, Place)> {
    let mut hasher = DefaultHasher::new();
    path.file_name().hash(&mut hasher);
    let name = format!(".{:08x}", hasher.finish() as u32);
    let aside = Aside(parent.join(name));
    // The lock is ours: what is there was left behind by a process that was killed.
    aside.clear();
    DirBuilder::new().mode(0o700).create(&aside.0)?;
    let bound = aside.0.join("s");
    let listener = StdListener::bind(&bound)?;
    fs::set_permissions(&bound, fs::Permissions::from_mode(mode))?;
    let found = fs::symlink_metadata(&bound)?;
    // A link, as that replaces nothing; some systems link no sockets.
    match fs::hard_link(&bound, path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => fs::rename(&bound, path)?,
    }
    let place = Place {
        path: path.to_owned(),
        identity: (found.dev(), found.ino()),
    };
    listener.set_nonblocking(true)?;
    Ok((UnixListener::from_std(listener)?, place))
}

/// A folder that is removed with what is in it.
struct Aside(PathBuf);

impl Aside {
    fn clear(&self) {
        // What cannot be removed is told when the folder is made.
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.clear();
    }
}

fn occupied(message: &str) -> DashboardError {
    DashboardError::bind(DashboardErrorCode::ValidationFailed, message)
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> DashboardError {
    let message = format!("cannot {what} IPC path `{}`: {error}", path.display());
    DashboardError::bind(DashboardErrorCode::IpcBindFailed, message).retryable()
}
