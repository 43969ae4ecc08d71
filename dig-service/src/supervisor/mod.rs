//! Long-running children that are restarted when they end, under policies that a person can predict.

pub use crate::decl::{ParseRestartPolicyError, RestartPolicy};
