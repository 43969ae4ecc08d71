//! Supervision: children that are restarted when they end, under policies that a person can predict.
//!
//! | item | what it is |
//! |---|---|
//! | [`ChildSpec`] | a child: its work, and the rules it goes by |
//! | [`Supervisor`] | children, and the rules for them together |
//! | [`SupervisorHandle`] | looks at them and steers them, while they run |
//! | [`SupervisedService`] | what a service implements that is one value for all attempts |
//! | [`Period`] | when the rounds of periodic work begin |
//!
//! # What follows an end
//!
//! | the child | policy | what follows |
//! |---|---|---|
//! | returns `Ok` | `always` | a restart |
//! | returns `Ok` | `on_failure`, `never` | it is [`Stopped`](ChildPhase::Stopped), and counts as ready for those that depend on it |
//! | returns `Err`, panics, hangs, is not ready in time | `always`, `on_failure` | a restart |
//! | the same | `never` | it is [`Failed`](ChildPhase::Failed) |
//! | needs one restart more than its [`Intensity`] allows | | [`OnGiveUp`] decides |
//!
//! Every restart, whatever it follows, is paced by the [`Backoff`] and counted by the [`Intensity`].
//!
//! # Who owns what
//!
//! One loop per tree, a task, owns the engine that decides and the handles on the children's tasks.
//! Children, timers and commands send it messages; nobody else changes anything. What it does is
//! published as it happens: an event in the journal, and the child's entry, both under one lock.
//! User code never runs in the loop. `docs/supervisor.md` has the reasons and the figures.
//!
//! # Invariants
//!
//! - **I34** A stop disables restarts before it tells anybody.
//! - **I35** An attempt starts only after the future of the one before is dropped.
//! - **I36** Exits and signs of life carry the generation and attempt they belong to; stale ones
//!   change nothing and are recorded. A deadline belongs to a phase, and goes with it.
//! - **I39** One that gives up stops the rest in reverse order, and then fails upward.
//! - **I40** Siblings are stopped before any is started again; a group restart counts once.
//! - **I41** Commands are refused at once while the tree stops; a pending restart is joined.
//! - **I42** Nothing is started beside a child that is stuck.

mod answer;
mod attempt;

mod context;
mod directory;
mod driver;
mod engine;
mod exit;
mod handle;
mod inbox;
mod manifest;
mod of_service;
mod outcome;
mod periodic;
mod report;
mod service;
mod spec;
mod start;
mod status;
#[expect(
    clippy::module_inception,
    reason = "the file of the type that the room is named for"
)]
mod supervisor;
mod told;
mod tree;

pub use self::context::ChildContext;
pub use self::exit::ChildExit;
pub use self::handle::SupervisorHandle;
pub(crate) use self::handle::{Receivers, Wiring};
pub use self::manifest::ChildManifest;
pub use self::outcome::{CommandError, Decision, Outcome, Standing};
pub use self::periodic::{InvalidPeriod, Period};
pub use self::report::{ChildStop, StopHow, TreeReport};
pub use self::service::SupervisedService;
pub use self::spec::ChildSpec;
pub(crate) use self::start::Start;
pub use self::status::{ChildStatus, TreeState};
pub use self::supervisor::Supervisor;
pub use self::tree::InvalidTree;
pub use crate::decl::{
    Backoff, Intensity, InvalidBackoff, InvalidIntensity, Jitter, MissedTick, OnError, OnGiveUp,
    ParseRestartPolicyError, Readiness, RestartPolicy, Strategy,
};
pub use crate::event::{
    Audit, ChildChange, ChildCommandEvent, ChildEvent, InvalidAudit, StopCause,
};
pub use crate::phase::{ChildPhase, ParseChildPhaseError};

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
