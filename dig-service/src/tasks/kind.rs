//! What a task is for, and what its end means.

use std::fmt;

/// What a task is for; shown in listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskKind {
    /// A loop that lives as long as the service.
    BackgroundLoop,
    /// One peer's connection.
    PeerConnection,
    /// One RPC connection or call.
    RpcHandler,
    /// A periodic job.
    Maintenance,
}

impl TaskKind {
    /// Returns the name used in logs and listings.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::BackgroundLoop => "background_loop",
            Self::PeerConnection => "peer_connection",
            Self::RpcHandler => "rpc_handler",
            Self::Maintenance => "maintenance",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What the end of a task means for the service, while no stop is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Criticality {
    /// Any end stops the service with `Fatal`; `Ok` is spared if declared with
    /// [`TaskOptions::may_finish`](crate::TaskOptions::may_finish).
    Critical,
    /// An error or a panic is logged and counted.
    #[default]
    Standard,
    /// An error or a panic marks the service as degraded, and not ready.
    BestEffort,
}

impl Criticality {
    /// Returns the name used in logs and listings.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Standard => "standard",
            Self::BestEffort => "best_effort",
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
