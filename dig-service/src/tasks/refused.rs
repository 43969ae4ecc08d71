//! The refusal of a late spawn.

use crate::phase::Phase;

/// A spawn that came too late; the task's future was dropped unpolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task `{name}` refused: the registry takes no more work in phase {phase}")]
#[non_exhaustive]
pub struct Refused {
    /// The task's name.
    pub name: &'static str,
    /// The phase that refused it.
    pub phase: Phase,
}
