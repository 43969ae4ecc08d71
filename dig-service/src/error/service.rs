//! What `Service::start` and `TaskRegistry::join_all` can return.

use std::sync::Arc;
use std::time::Duration;

/// The result type of this crate's fallible calls.
pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// What can go wrong in a service's life.
///
/// Cloneable, so that it can be kept in a report and returned as well; the user's own error is the
/// source.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ServiceError {
    /// `pre_start` failed; no later hook ran.
    #[error("pre_start failed")]
    PreStartFailed(#[source] Arc<anyhow::Error>),

    /// `on_start`, a provider's boot or a transport's bind failed; `post_stop` ran, `run` and
    /// `on_stop` did not.
    #[error("on_start failed")]
    OnStartFailed(#[source] Arc<anyhow::Error>),

    /// `run` failed; `on_stop` and `post_stop` ran.
    #[error("run failed")]
    RunFailed(#[source] Arc<anyhow::Error>),

    /// `on_stop` or `post_stop` failed; the later hook ran all the same.
    #[error("on_stop failed")]
    OnStopFailed(#[source] Arc<anyhow::Error>),

    /// Tasks outlasted their deadline; they were aborted and joined.
    #[error("{pending} task(s) outlasted the shutdown deadline of {deadline:?} and were aborted")]
    ShutdownDeadlineExceeded {
        /// How long the tasks had.
        deadline: Duration,
        /// How many were left when it passed.
        pending: usize,
    },

    /// The service was started before.
    #[error("the service is already running")]
    AlreadyRunning,

    /// The service ran before and is over.
    #[error("the service has already stopped")]
    AlreadyStopped,
}

impl ServiceError {
    /// The error of the step that failed, if it was a step.
    pub(crate) const fn error(&self) -> Option<&Arc<anyhow::Error>> {
        match self {
            Self::PreStartFailed(error)
            | Self::OnStartFailed(error)
            | Self::RunFailed(error)
            | Self::OnStopFailed(error) => Some(error),
            Self::ShutdownDeadlineExceeded { .. } | Self::AlreadyRunning | Self::AlreadyStopped => {
                None
            }
        }
    }
}
