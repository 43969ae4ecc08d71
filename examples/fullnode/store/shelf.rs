//! The asynchronous face of the store.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use dig_service::PeerId;
use futures_util::stream::{self, Stream, TryStreamExt};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{oneshot, watch};

use super::StoreError;
use super::database::{Arrival, Arrivals, Database, Origin, Page, Stat, Write};
use super::folder::Folder;
use crate::blob::{Blob, BlobHash};

/// Keeps blobs by hash.
///
/// Clones share one store. It is made closed; [`open`](Self::open) and [`close`](Self::close) belong
/// into the node's hooks. Every operation runs on the blocking pool, so none holds up a worker.
///
/// # Group commit
///
/// A commit costs a flush of the disk, whatever its size. Puts therefore queue up, and the one that
/// gets the writer's turn commits all that have queued by then: while one commit flushes, the next
/// batch gathers.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Operations read-lock it on the blocking pool; `close` write-locks it, and so waits for them.
    open: RwLock<Option<Open>>,
    queue: Mutex<Vec<Queued>>,
    /// The turn to commit.
    turn: tokio::sync::Mutex<()>,
    /// The last place of the journal.
    last_place: watch::Sender<u64>,
}

/// Fields are dropped in order: the database is closed before the lock is freed.
#[derive(Debug)]
struct Open {
    database: Database,
    _folder: Folder,
}

#[derive(Debug)]
struct Queued {
    write: Write,
    done: oneshot::Sender<Result<bool, StoreError>>,
}

/// What a put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) hash: BlobHash,
    /// Whether the blob was not there before.
    pub(crate) is_new: bool,
}

/// How many arrivals are read at once for one that follows.
const FOLLOWED: usize = 256;

/// How many bytes one commit takes at most, so that no put waits for ever behind others.
const BATCH_BYTES: usize = 16 * super::MAX_BLOB;

impl Store {
    /// Makes a closed store; touches nothing.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            inner: Arc::new(Inner {
                path,
                open: RwLock::default(),
                queue: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
                last_place: watch::Sender::new(0),
            }),
        }
    }

    /// Where the data is.
    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Locks the data directory and opens the database; returns who this node is.
    pub(crate) async fn open(&self) -> Result<PeerId, StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let folder = Folder::lock(&inner.path)?;
            let (database, last_place) = open_database(&folder)?;
            let peer_id = database.peer_id();
            inner.last_place.send_replace(last_place);
            *write_lock(&inner.open) = Some(Open {
                database,
                _folder: folder,
            });
            Ok(peer_id)
        })
        .await
    }

    /// Waits for the operations that run, closes the database and frees the lock; does nothing to a
    /// closed store.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            drop(write_lock(&inner.open).take()); // INV-B4
            Ok(())
        })
        .await
    }

    /// Stores a blob. `Ok` confirms that it is on disk (INV-B1).
    ///
    /// # Cancel safety
    ///
    /// A put that is dropped may still be stored.
    pub(crate) async fn put(&self, blob: Blob, origin: Origin) -> Result<Stored, StoreError> {
        let hash = blob.hash();
        let (done, mut outcome) = oneshot::channel();
        let write = Write { blob, origin };
        lock(&self.inner.queue).push(Queued { write, done });
        loop {
            let turn = self.inner.turn.lock().await;
            // Whoever had the turn before may have taken this put along.
            match outcome.try_recv() {
                Ok(result) => return result.map(|is_new| Stored { hash, is_new }),
                Err(TryRecvError::Closed) => return Err(StoreError::Panicked),
                Err(TryRecvError::Empty) => {}
            }
            let inner = Arc::clone(&self.inner);
            // How it went is told through the channel, to all whose puts were in the batch.
            let _ = blocking(move || inner.commit_batch()).await;
            drop(turn);
        }
    }

    /// Commits the puts that are still queued though their callers are gone.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        while !lock(&self.inner.queue).is_empty() {
            let _turn = self.inner.turn.lock().await;
            let inner = Arc::clone(&self.inner);
            blocking(move || inner.commit_batch()).await?;
        }
        Ok(())
    }

    /// Reads a blob, checked against its hash (INV-B2).
    pub(crate) async fn get(&self, hash: BlobHash) -> Result<Option<Blob>, StoreError> {
        self.with(move |database| database.read(hash)).await
    }

    /// Returns whether there is such a blob.
    pub(crate) async fn has(&self, hash: BlobHash) -> Result<bool, StoreError> {
        Ok(self.missing(vec![hash]).await?.is_empty())
    }

    /// Returns those of the hashes that have no blob.
    pub(crate) async fn missing(&self, hashes: Vec<BlobHash>) -> Result<Vec<BlobHash>, StoreError> {
        self.with(move |database| database.missing(&hashes)).await
    }

    /// Lists hashes in order, from the one behind `after`.
    pub(crate) async fn list(
        &self,
        after: Option<BlobHash>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.with(move |database| database.list(after, limit)).await
    }

    /// Counts blobs and bytes.
    pub(crate) async fn stat(&self) -> Result<Stat, StoreError> {
        self.with(Database::stat).await
    }

    /// Reads the journal of arrivals from the place behind `after` (INV-B3).
    pub(crate) async fn arrivals(&self, after: u64, limit: usize) -> Result<Arrivals, StoreError> {
        self.with(move |database| database.arrivals(after, limit))
            .await
    }

    /// Gives the arrivals behind a place, or from now on, as they come. Ends when the store closes.
    ///
    /// It reads the journal page by page when it is polled, so a slow reader costs nothing and
    /// misses nothing.
    pub(crate) fn follow(
        &self,
        after: Option<u64>,
    ) -> impl Stream<Item = Result<Arrival, StoreError>> + Send + use<> {
        let places = self.watch_arrivals();
        let place = after.unwrap_or_else(|| *places.borrow());
        let pages = stream::try_unfold(
            (self.clone(), places, place),
            async |(store, mut places, place)| {
                // Ends with the store, which is closed or gone.
                if places.wait_for(|last| *last > place).await.is_err() {
                    return Ok::<_, StoreError>(None);
                }
                let page = store.arrivals(place, FOLLOWED).await?;
                let last = page.last().map_or(place, |arrival| arrival.place);
                Ok(Some((
                    stream::iter(page.into_iter().map(Ok)),
                    (store, places, last),
                )))
            },
        );
        pages.try_flatten()
    }

    /// Watches the last place of the journal.
    pub(crate) fn watch_arrivals(&self) -> watch::Receiver<u64> {
        self.inner.last_place.subscribe()
    }

    async fn with<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.with(operation)).await
    }
}

impl Inner {
    fn with<T>(
        &self,
        operation: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        operation(&open.as_ref().ok_or(StoreError::Closed)?.database)
    }

    /// Commits what has queued, up to a batch, and tells each put how it went.
    fn commit_batch(&self) -> Result<(), StoreError> {
        let (writes, dones): (Vec<_>, Vec<_>) = self
            .next_batch()
            .into_iter()
            .map(|queued| (queued.write, queued.done))
            .unzip();
        let committed = self.with(|database| {
            let news = database.write(&writes)?;
            Ok((news, database.last_place()?))
        });
        match committed {
            Ok((news, place)) => {
                for (done, is_new) in dones.into_iter().zip(news) {
                    // Nobody listens if the put was dropped; the blob is stored all the same.
                    let _ = done.send(Ok(is_new));
                }
                self.last_place.send_if_modified(|last| {
                    let is_news = place > *last;
                    *last = place.max(*last);
                    is_news
                });
                Ok(())
            }
            Err(error) => {
                for done in dones {
                    let _ = done.send(Err(error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Takes the puts at the head of the queue: as many as fit into a batch, and one at least.
    fn next_batch(&self) -> Vec<Queued> {
        let mut queue = lock(&self.queue);
        let mut bytes = 0;
        let fits = queue.iter().take_while(|queued| {
            let is_first = bytes == 0;
            bytes += queued.write.blob.bytes().len().max(1);
            is_first || bytes <= BATCH_BYTES
        });
        let count = fits.count();
        queue.drain(..count).collect()
    }
}

/// Runs a blocking operation on the pool; a panic in it is an error of the operation.
async fn blocking<T: Send + 'static>(
    operation: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(operation))
        .await
        .unwrap_or(Err(StoreError::Panicked))
}

/// Opens the database, and tells a file that cannot be reached from one that cannot be read. redb
/// answers some damaged files with a panic, which is an error like others.
fn open_database(folder: &Folder) -> Result<(Database, u64), StoreError> {
    let path = folder.database();
    let open = || {
        let database = Database::open(&path)?;
        let last_place = database.last_place()?;
        Ok((database, last_place))
    };
    let error = match std::panic::catch_unwind(open) {
        Ok(Ok(opened)) => return Ok(opened),
        Ok(Err(error)) => error,
        Err(_) => StoreError::Panicked,
    };
    let why = match error {
        StoreError::Database(error) => match &*error {
            redb::Error::Io(io) if !is_about_content(io.kind()) => {
                let error = Arc::new(io::Error::new(io.kind(), io.to_string()));
                return Err(StoreError::Folder { path, error });
            }
            other => other.to_string(),
        },
        StoreError::Panicked => "it is damaged".to_owned(),
        other => other.to_string(),
    };
    Err(StoreError::Unreadable { path, why })
}

fn is_about_content(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(kind, InvalidData | InvalidInput | Other | UnexpectedEof)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_lock<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
