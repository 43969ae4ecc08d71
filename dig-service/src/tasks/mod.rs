//! Tracked tasks: every spawn has a name, is listed while it lives, and is joined.
//!
//! [`TaskRegistry`] is the only caller of `tokio::spawn` in this crate, and the way user code
//! starts background work.
//!
//! | a task that | is |
//! |---|---|
//! | returns `Ok` | completed: it leaves the registry at once |
//! | returns `Err` | logged with its name, counted as failed, kept among the recent outcomes |
//! | panics | caught, logged with its message, counted as panicked; nothing else is touched |
//! | outlasts `join_all`'s deadline | aborted, then joined: its destructors have run |
//! | never yields | named as stuck and left behind: nothing can end it from inside the process |
//! | blocks (`spawn_blocking`) | told by its token; past the deadline named as stuck |
//!
//! # Invariants
//!
//! - **INV-T1** A task is registered before its first poll and leaves in a guard's `Drop`, on every
//!   way out: finished, failed, panicked, aborted, never polled.
//! - **INV-T2** The guard is dropped after the task's future: who sees the registry empty knows
//!   that every destructor has run.
//! - **INV-T3** Once closed, a registry takes nothing in. The future is dropped unpolled; no spawn
//!   is silently detached.
//! - **INV-T4** A task aborted on the poll in which it ends reports how it really ended.
//! - **INV-T5** The counters balance at any moment.
//! - **INV-T6** No lock is held while user code runs; own is locked before outboxes and wakers.
//! - **INV-T7** Empty means empty, and who waits for the last task is told.
//! - **INV-T8** An abort reaches tasks that wait, run, or have not begun.
//! - **INV-T9** Nothing is kept of an ended task but one of 128 outcomes.
//!
//! `docs/tasks.md` has the proofs, with the orderings.

mod child;
mod context;
mod core;
mod counting;
mod end;
mod follow;
mod heartbeat;
mod join;
mod kind;
mod listing;
mod nudge;
mod options;
mod pages;
mod polls;
mod progress;
mod protect;
mod record;
mod refused;
mod registry;
mod roster;
mod scope;
mod shard;
mod spawn;
mod summary;
mod tracked;

pub(crate) use self::child::{Protection, Reach};
pub use self::context::TaskContext;
pub use self::end::{TaskEnd, TaskOutcome};
pub use self::heartbeat::Heartbeat;
pub(crate) use self::heartbeat::{Found, Heartbeats, Judged};
pub(crate) use self::join::{DESTRUCTOR_GRACE, JoinReport};
pub use self::kind::{Criticality, TaskKind};
pub(crate) use self::nudge::nudge;
pub use self::options::TaskOptions;
pub use self::polls::PollStats;
pub(crate) use self::progress::{Progress, Rule};
pub use self::protect::Protected;
pub use self::refused::Refused;
pub use self::registry::TaskRegistry;
pub(crate) use self::scope::Gate;
pub use self::summary::{TaskCounts, TaskId, TaskSummary};

#[cfg(test)]
#[cfg(dig_loom)]
mod models;
#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
