//! Parts that boot in dependency order, resolve by type, reload in place, and shut down in reverse.
//!
//! A part of a program is a [`Provider`]; a [`Registry`] holds one of each type. Under a
//! [`Service`](crate::Service) ([`ServiceBuilder::providers`](crate::ServiceBuilder::providers))
//! the providers live between `pre_start` and `post_stop`:
//!
//! | phase | what a provider does |
//! |---|---|
//! | register | exists; resolves nothing, does no I/O, spawns nothing |
//! | boot | builds and publishes what it offers; what it depends on is ready; spawns nothing |
//! | validate | says whether it fits together with the rest |
//! | run | long work, if it is [`Runnable`]: tasks that begin after `on_start` |
//! | reload | takes in what has changed, if it is [`Reloadable`]: first all prepare, then all apply |
//! | shutdown | takes back what has a name outside, in reverse order of boot |
//!
//! # Order
//!
//! One [plan](Registry::list_names) for all phases: level by level over what providers
//! [depend](Provider::dependencies) on; where that leaves a choice, by
//! [priority](Provider::boot_priority), then in the order of registration. The providers of one
//! level that have the same priority boot side by side, sixteen at most at a time. A missing or a
//! circular dependency is told whole, before any hook runs.
//!
//! # The shape that leaves no cycle
//!
//! The state holds values, the service holds the registry, providers are given the state for the
//! time of a hook. A provider that keeps a clone of a state which holds the registry keeps itself
//! alive for ever: keep what [`BootContext::resolve`] gave instead, or a `Weak`.
//!
//! # Invariants
//!
//! - **I43** The graph is checked before any boot.
//! - **I44** Boot goes level by level; dependents of one that failed are not started.
//! - **I45** A boot that fails midway cancels its siblings, waits for them, and shuts down what
//!   booted, in reverse; the one that failed gets no shutdown call.
//! - **I46** A shutdown runs all that booted, whatever fails or hangs; all errors are kept.
//! - **I47** A reload prepares all before it applies any; a failed prepare changes nothing.
//! - **I48** An apply that fails takes back what was applied before it, where it can.
//! - **I49** One reload at a time; requests that come meanwhile become one more.

mod boot;
mod call;
mod context;
mod dependencies;
mod error;
mod gate;
mod listing;
mod plan;
mod provider;
mod reload;
mod run;
mod shutdown;

pub(crate) use self::boot::Around;
pub use self::context::BootContext;
pub use self::dependencies::Dependencies;
pub use self::error::{BoxError, Error, Phase, Result};
pub use self::gate::{Closed, Drained, Gate, GuardGroup, Permit};
pub use self::listing::Registry;
pub use self::provider::{
    AsAny, Provider, ReloadState, Reloadable, Runnable, TaskFuture, priority,
};
pub use self::reload::{ReloadOutcome, ReloadReport};
pub use crate::event::{ProviderChange, ProviderEvent};

pub(crate) use self::run::Runner;

#[cfg(test)]
#[cfg(dig_loom)]
mod models;
#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
