//! Helpers for tests of programs built on this crate; feature `testing`.
//!
//! | to | use |
//! |---|---|
//! | have a node that fails, or waits | [`TestNode`] |
//! | let something go wrong at one place of any node | [`Faulty`], told by a [`FaultPlan`] |
//! | see which hooks ran and how they ended | [`Transcript`] |
//! | live a whole life in a test, in no time | [`Trial`] |
//!
//! A [`Trial`] runs on a paused clock: a deadline of 25 s passes in microseconds, and the same test
//! takes the same course each time. What blocks a thread cannot be tried that way: no clock helps
//! there. The example `faulty` tries it as a process.
//!
//! # Examples
//!
//! A `run` that hangs is aborted after its grace, and the stop hooks run all the same:
//!
//! ```
//! use std::time::Duration;
//! use dig_service::Phase;
//! use dig_service::testing::{Fault, Place, TestNode, Trial};
//!
//! let outcome = Trial::new(TestNode::default())
//!     .fault(Place::Run, Fault::Hang)
//!     .run(async |life| {
//!         life.reach(Phase::Running).await;
//!         life.stop();
//!     });
//!
//! assert!(outcome.result.is_err());
//! assert_eq!(outcome.report.late, ["run"]);
//! assert_eq!(outcome.elapsed, Duration::from_secs(5));
//! assert_eq!(
//!     outcome.transcript.ends(),
//!     ["pre_start ok", "on_start ok", "run dropped", "on_stop ok", "post_stop ok", "cleanup ok"]
//! );
//! ```
//!
//! # What the feature turns on
//!
//! `testing` turns on tokio's feature `test-util`, which adds items to tokio (`time::pause`,
//! `Builder::start_paused`) and makes each reading of tokio's clock look first whether anyone has
//! paused it. Nothing else changes. Ask for `testing` among the dev-dependencies, and a release
//! build has neither.

mod act;
mod fault;
mod faulty;
mod node;
mod place;
mod plan;
mod transcript;
mod trial;

pub use self::fault::{Fault, UnknownFault};
pub use self::faulty::Faulty;
pub use self::node::TestNode;
pub use self::place::{Place, UnknownPlace};
pub use self::plan::FaultPlan;
pub use self::transcript::Transcript;
pub use self::trial::{Life, Trial, TrialOutcome};

#[cfg(test)]
mod tests;
