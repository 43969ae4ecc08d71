//! Why a stop was asked for.

use std::fmt;

/// Why a service is asked to stop.
///
/// The exit code follows from it: every reason but [`Fatal`](Self::Fatal) ends with 0 under the
/// default policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShutdownReason {
    /// SIGINT, SIGTERM or Ctrl-C.
    UserRequested,
    /// A call from outside, such as an admin RPC method.
    RpcRequested,
    /// Exit and be spawned again by whoever supervises the process.
    ReloadRequested,
    /// `run` returned without having been asked to.
    RequestedByRun,
    /// Something inside failed beyond repair; the text says what.
    Fatal(String),
}

impl ShutdownReason {
    /// Returns whether the reason counts as a failure.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_))
    }
}

impl fmt::Display for ShutdownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserRequested => f.write_str("requested by the user"),
            Self::RpcRequested => f.write_str("requested over RPC"),
            Self::ReloadRequested => f.write_str("reload requested"),
            Self::RequestedByRun => f.write_str("run returned"),
            Self::Fatal(what) => write!(f, "fatal: {what}"),
        }
    }
}
