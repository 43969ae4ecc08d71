//! The journal: everything that happens in a service, as one sequence of events.
//!
//! A ring holds the past, a broadcast carries the present; both are fed under one lock, so a
//! subscription that starts after a sequence number misses nothing and repeats nothing. No decision
//! depends on the journal: it is for people, reports and tests.

mod child;
mod journal;
mod kind;
mod subscription;

pub use self::child::{ChildChange, ChildCommandEvent, ChildEvent, StopCause};
pub(crate) use self::journal::Journal;
pub use self::kind::{Event, EventKind};
pub use self::subscription::{EventSubscription, Lagged};
