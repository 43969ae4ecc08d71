//! What can be declared of work before anything runs: plain, checked values without behaviour.

mod backoff;
mod config;
mod intensity;
mod restart;
mod rounds;
mod rules;

pub use self::backoff::{Backoff, InvalidBackoff, Jitter};
pub(crate) use self::config::Span;
pub(crate) use self::intensity::Restarts;
pub use self::intensity::{Intensity, InvalidIntensity};
pub use self::restart::{ParseRestartPolicyError, RestartPolicy};
pub use self::rounds::{MissedTick, OnError};
pub(crate) use self::rules::Rules;
pub use self::rules::{OnGiveUp, Readiness, Strategy};
