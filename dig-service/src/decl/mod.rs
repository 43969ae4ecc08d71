//! What can be declared of work before anything runs: plain, checked values without behaviour.

mod restart;

pub use self::restart::{ParseRestartPolicyError, RestartPolicy};
