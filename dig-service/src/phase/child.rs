//! Where a supervised child is in its life, and where it may go from there.

use std::fmt;
use std::str::FromStr;

/// Where a supervised child is in its life.
///
/// | from | to |
/// |---|---|
/// | `pending` | `starting`, `running`, `stopped`, `paused`, `quarantined` |
/// | `starting` | `running`, `pending`, `backing_off`, `stopping`, `stopped`, `failed`, `quarantined` |
/// | `running` | `pending`, `backing_off`, `stopping`, `stopped`, `failed`, `quarantined` |
/// | `backing_off` | `pending`, `stopped`, `paused`, `quarantined` |
/// | `stopping` | `pending`, `backing_off`, `stopped`, `failed`, `paused`, `quarantined` |
/// | `stopped` | `pending`, `paused`, `quarantined` |
/// | `failed` | `pending`, `backing_off`, `stopped`, `paused`, `quarantined` |
/// | `paused` | `pending`, `quarantined` |
/// | `quarantined` | `pending` |
///
/// # Examples
///
/// ```
/// use dig_service::supervisor::ChildPhase;
///
/// assert!(ChildPhase::Running.may_become(ChildPhase::BackingOff));
/// assert!(!ChildPhase::Quarantined.may_become(ChildPhase::Running));
/// assert_eq!("backing_off".parse(), Ok(ChildPhase::BackingOff));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildPhase {
    /// To be started: those it depends on are not ready, or it waits for its turn.
    Pending,
    /// Started, and has not yet said that it is ready.
    Starting,
    /// Started, and ready.
    Running,
    /// Ended, and started again when its delay is over.
    BackingOff,
    /// Told to stop, or aborted, and not yet gone.
    Stopping,
    /// Over: its work is done, or it was stopped.
    Stopped,
    /// Over: it failed and is not started again; or it is stuck.
    Failed,
    /// Stopped by an operator until one resumes it.
    Paused,
    /// Taken out of service, by an operator or after too many restarts, until one resumes it.
    Quarantined,
}

impl ChildPhase {
    pub(crate) const ALL: [Self; 9] = [
        Self::Pending,
        Self::Starting,
        Self::Running,
        Self::BackingOff,
        Self::Stopping,
        Self::Stopped,
        Self::Failed,
        Self::Paused,
        Self::Quarantined,
    ];

    /// Returns the phase's name, in snake case.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::BackingOff => "backing_off",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Quarantined => "quarantined",
        }
    }

    /// Returns where a child may go from here; nowhere else.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        use ChildPhase::{
            BackingOff, Failed, Paused, Pending, Quarantined, Running, Starting, Stopped, Stopping,
        };
        match self {
            Pending => &[Starting, Running, Stopped, Paused, Quarantined],
            Starting => &[
                Running,
                Pending,
                BackingOff,
                Stopping,
                Stopped,
                Failed,
                Quarantined,
            ],
            Running => &[Pending, BackingOff, Stopping, Stopped, Failed, Quarantined],
            BackingOff => &[Pending, Stopped, Paused, Quarantined],
            Stopping => &[Pending, BackingOff, Stopped, Failed, Paused, Quarantined],
            Stopped => &[Pending, Paused, Quarantined],
            Failed => &[Pending, BackingOff, Stopped, Paused, Quarantined],
            Paused => &[Pending, Quarantined],
            Quarantined => &[Pending],
        }
    }

    /// Returns whether a child may go from here to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Returns whether nothing happens to a child in this phase unless somebody asks for it.
    #[must_use]
    pub const fn is_resting(self) -> bool {
        matches!(
            self,
            Self::Stopped | Self::Failed | Self::Paused | Self::Quarantined
        )
    }

    /// Returns whether a child in this phase was put to rest until an operator resumes it.
    pub(crate) const fn is_held(self) -> bool {
        matches!(self, Self::Paused | Self::Quarantined)
    }
}

impl fmt::Display for ChildPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for ChildPhase {
    type Err = ParseChildPhaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|phase| phase.label() == text);
        found.ok_or_else(|| ParseChildPhaseError(text.to_owned()))
    }
}

/// A text that names no phase of a child.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown phase `{0}` of a child")]
pub struct ParseChildPhaseError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_in_the_docs_is_the_table() {
        let source = include_str!("child.rs");
        for phase in ChildPhase::ALL {
            let names: Vec<_> = phase
                .next()
                .iter()
                .map(|next| format!("`{next}`"))
                .collect();
            let row = format!("/// | `{phase}` | {} |", names.join(", "));
            assert!(source.contains(&row), "{row}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for phase in ChildPhase::ALL {
            assert_eq!(phase.to_string().parse(), Ok(phase));
        }
        assert!("asleep".parse::<ChildPhase>().is_err());
    }
}
