//! What can be declared of work before anything runs: plain, checked values without behaviour.

mod backoff;
mod intensity;
mod restart;

pub use self::backoff::{Backoff, InvalidBackoff, Jitter};
pub(crate) use self::intensity::Restarts;
pub use self::intensity::{Intensity, InvalidIntensity};
pub use self::restart::{ParseRestartPolicyError, RestartPolicy};
