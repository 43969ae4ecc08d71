//! What can happen to a provider.

use std::sync::Arc;

/// Something that happened to a provider of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderEvent {
    /// The provider's name.
    pub name: &'static str,
    /// What happened.
    pub change: ProviderChange,
}

/// What happened to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderChange {
    /// It boots.
    Booting,
    /// It has booted.
    Ready,
    /// It has not booted.
    BootFailed {
        /// The error with its causes.
        error: Arc<str>,
    },
    /// A reload came to it; `outcome` is `applied`, `untouched`, `failed`, `reverted` or `kept`.
    Reloaded {
        /// What the reload did to it.
        outcome: &'static str,
    },
    /// It is shut down.
    Closing,
    /// It was shut down.
    Closed,
    /// It could not be shut down as it should.
    CloseFailed {
        /// The error with its causes.
        error: Arc<str>,
    },
}

impl ProviderChange {
    /// Returns the change's name, in snake case.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Booting => "booting",
            Self::Ready => "ready",
            Self::BootFailed { .. } => "boot_failed",
            Self::Reloaded { .. } => "reloaded",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::CloseFailed { .. } => "close_failed",
        }
    }
}
