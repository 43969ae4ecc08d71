//! The redb file: its tables and the transactions on them. Everything here blocks.

use std::path::Path;

use dig_service::PeerId;
use dig_service::schemars::{self, JsonSchema};
use redb::{
    Durability, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition,
};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::blob::{Blob, BlobHash};

/// The blobs: hash → bytes.
const BLOBS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("blobs");
/// The journal of arrivals: place → (hash, the peer it came from; this node's id for its own).
const ARRIVALS: TableDefinition<'_, u64, (&[u8; 32], &[u8; 32])> = TableDefinition::new("arrivals");
/// Sums over all blobs: name → value.
const SUMS: TableDefinition<'_, &str, u64> = TableDefinition::new("sums");
/// Who this node is: name → 32 bytes.
const IDENTITY: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("identity");

const BYTES: &str = "bytes";
const PEER_ID: &str = "peer_id";

/// redb's cache. The default of 1 GiB is a lot for a node that sits beside other programs.
const CACHE: usize = 64 * 1024 * 1024;

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    redb: redb::Database,
    peer_id: PeerId,
}

/// Where a blob came from: the peer's id, or this node's own.
pub(crate) type Origin = PeerId;

/// One blob to be written.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) blob: Blob,
    pub(super) origin: Origin,
}

/// One place of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) place: u64,
    pub(crate) hash: BlobHash,
    pub(crate) origin: Origin,
}

/// A part of the journal, in order.
pub(crate) type Arrivals = Vec<Arrival>;

/// A part of the list of hashes, in order.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Page {
    pub(crate) hashes: Vec<BlobHash>,
    /// What to pass as `after` for the next part; `None` after the last.
    pub(crate) next: Option<BlobHash>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Stat {
    pub(crate) blobs: u64,
    pub(crate) bytes: u64,
}

impl Database {
    /// Opens the file, or makes it. A node that is new here draws its identity.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(CACHE);
        builder.set_repair_callback(|session| {
            let done = format!("{:.0} %", 100.0 * session.progress());
            tracing::warn!(done, "the store was not closed; checking it");
        });
        let redb = builder.create(path)?;
        let peer_id = prepare(&redb)?;
        Ok(Self { redb, peer_id })
    }

    /// Who this node is.
    pub(super) const fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    /// Writes blobs in one transaction, and tells for each whether it is new. `Ok` confirms that
    /// they are on disk.
    pub(super) fn write(&self, batch: &[Write]) -> Result<Vec<bool>, StoreError> {
        let mut transaction = self.redb.begin_write()?;
        transaction.set_durability(Durability::Immediate)?; // INV-B1
        let mut news = Vec::with_capacity(batch.len());
        {
            let mut blobs = transaction.open_table(BLOBS)?;
            let mut arrivals = transaction.open_table(ARRIVALS)?;
            let mut sums = transaction.open_table(SUMS)?;
            let mut place = arrivals.last()?.map_or(0, |(place, _)| place.value());
            let mut added = 0;
            for write in batch {
                let hash = &write.blob.hash().0;
                let is_new = blobs.get(hash)?.is_none();
                if is_new {
                    place += 1;
                    added += write.blob.bytes().len() as u64;
                    blobs.insert(hash, write.blob.bytes())?;
                    arrivals.insert(place, (hash, &write.origin))?;
                }
                news.push(is_new);
            }
            let bytes = sums.get(BYTES)?.map_or(0, |bytes| bytes.value());
            sums.insert(BYTES, bytes + added)?;
        }
        if news.contains(&true) {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(news)
    }

    /// Reads a blob.
    pub(super) fn read(&self, hash: BlobHash) -> Result<Option<Blob>, StoreError> {
        let blobs = self.redb.begin_read()?.open_table(BLOBS)?;
        let Some(bytes) = blobs.get(&hash.0)? else {
            return Ok(None);
        };
        let blob = Blob::new(bytes.value().to_vec());
        if blob.hash() == hash {
            Ok(Some(blob))
        } else {
            Err(StoreError::Damaged(hash)) // INV-B2
        }
    }

    /// Returns those of the hashes that have no blob.
    pub(super) fn missing(&self, hashes: &[BlobHash]) -> Result<Vec<BlobHash>, StoreError> {
        let blobs = self.redb.begin_read()?.open_table(BLOBS)?;
        let mut missing = Vec::new();
        for hash in hashes {
            if blobs.get(&hash.0)?.is_none() {
                missing.push(*hash);
            }
        }
        Ok(missing)
    }

    /// Lists hashes in order, from the one behind `after`.
    pub(super) fn list(&self, after: Option<BlobHash>, limit: usize) -> Result<Page, StoreError> {
        use std::ops::Bound::{Excluded, Unbounded};
        let blobs = self.redb.begin_read()?.open_table(BLOBS)?;
        let from = after.as_ref().map_or(Unbounded, |hash| Excluded(&hash.0));
        let mut range = blobs.range::<&[u8; 32]>((from, Unbounded))?;
        let mut hashes = Vec::with_capacity(limit.min(blobs.len()? as usize));
        for row in range.by_ref().take(limit) {
            hashes.push(BlobHash(*row?.0.value()));
        }
        let has_more = range.next().transpose()?.is_some();
        let next = hashes.last().copied().filter(|_| has_more);
        Ok(Page { hashes, next })
    }

    /// Reads the journal from the place behind `after`.
    pub(super) fn arrivals(&self, after: u64, limit: usize) -> Result<Arrivals, StoreError> {
        let arrivals = self.redb.begin_read()?.open_table(ARRIVALS)?;
        let mut page = Vec::new();
        for row in arrivals.range(after.saturating_add(1)..)?.take(limit) {
            let (place, value) = row?;
            let (hash, origin) = value.value();
            page.push(Arrival {
                place: place.value(),
                hash: BlobHash(*hash),
                origin: *origin,
            });
        }
        Ok(page)
    }

    /// Returns the last place of the journal; 0 while it is empty.
    pub(super) fn last_place(&self) -> Result<u64, StoreError> {
        let arrivals = self.redb.begin_read()?.open_table(ARRIVALS)?;
        Ok(arrivals.last()?.map_or(0, |(place, _)| place.value()))
    }

    /// Counts blobs and bytes.
    pub(super) fn stat(&self) -> Result<Stat, StoreError> {
        let transaction: ReadTransaction = self.redb.begin_read()?;
        let blobs = transaction.open_table(BLOBS)?.len()?;
        let sums = transaction.open_table(SUMS)?;
        let bytes = sums.get(BYTES)?.map_or(0, |bytes| bytes.value());
        Ok(Stat { blobs, bytes })
    }
}

/// Makes the tables, so that readers find them, and the identity, which stays.
fn prepare(redb: &redb::Database) -> Result<PeerId, StoreError> {
    let transaction = redb.begin_write()?;
    transaction.open_table(BLOBS)?;
    transaction.open_table(ARRIVALS)?;
    transaction.open_table(SUMS)?;
    let known = transaction
        .open_table(IDENTITY)?
        .get(PEER_ID)?
        .map(|id| *id.value());
    let peer_id = match known {
        Some(peer_id) => peer_id,
        None => draw_identity()?,
    };
    transaction
        .open_table(IDENTITY)?
        .insert(PEER_ID, &peer_id)?;
    transaction.commit()?;
    Ok(peer_id)
}

fn draw_identity() -> Result<PeerId, StoreError> {
    let mut peer_id = PeerId::default();
    getrandom::fill(&mut peer_id).map_err(|error| redb::Error::Io(std::io::Error::other(error)))?;
    Ok(peer_id)
}
