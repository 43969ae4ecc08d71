//! The journal: everything that happens in a service, as one sequence of events.
//!
//! A ring holds the past, a broadcast carries the present; both are fed under one lock, so a
//! subscription that starts after a sequence number misses nothing and repeats nothing. No decision
//! depends on the journal: it is for people, reports and tests.

mod child;
mod command;
mod digest;
mod journal;
mod kind;
mod provider;
mod subscription;

pub use self::child::{ChildChange, ChildCommandEvent, ChildEvent, StopCause};
pub use self::command::{Audit, CommandEvent, InvalidAudit};
pub(crate) use self::digest::Digest;
pub(crate) use self::journal::{Journal, Reading};
pub use self::kind::{Event, EventKind};
pub use self::provider::{ProviderChange, ProviderEvent};
pub use self::subscription::{EventSubscription, Lagged};
