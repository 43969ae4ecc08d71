//! The store: blobs by hash, on disk, in one redb file.
//!
//! | file | what it is |
//! |---|---|
//! | `folder` | the data directory and the lock that one node holds on it |
//! | `database` | redb: tables and transactions, blocking |
//! | `shelf` | [`Store`]: the asynchronous face, group commit, open and close |
//!
//! # Invariants
//!
//! - **INV-B1** A `put` that returned `Ok` is on disk: its transaction was committed with
//!   `Durability::Immediate`.
//! - **INV-B2** A blob is stored under its own SHA-256 and checked against it when read.
//! - **INV-B3** Every blob has one place in the journal of arrivals; places only grow. Who has read
//!   the journal up to a place has seen every blob that arrived before it.
//! - **INV-B4** When `close` returns, no transaction is open and the lock is free.

mod database;
mod error;
mod folder;
mod shelf;

pub(crate) use self::database::{Arrival, Page, Stat};
pub(crate) use self::error::StoreError;
pub(crate) use self::shelf::Store;

/// The most bytes a blob may have: 1 MiB.
///
/// Base64 makes four bytes of three, so such a blob still fits into an RPC body of 2 MiB.
pub(crate) const MAX_BLOB: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
