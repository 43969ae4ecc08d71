//! How a service ended.

use std::fmt;
use std::process::{ExitCode, Termination};
use std::sync::Arc;

use crate::shutdown::ShutdownReason;

/// Why a service ended.
#[derive(Clone, Debug)]
pub enum ExitReason {
    /// A stop was requested; the reason says by whom.
    RequestedShutdown(ShutdownReason),
    /// `run` returned `Ok(())` without having been asked to stop.
    RunCompleted,
    /// A hook failed; the error keeps its whole chain.
    RunError(Arc<anyhow::Error>),
}

/// What `Service::start` returns when every hook succeeded.
///
/// As the return value of `main` it becomes exit code 0 when [graceful](Self::is_graceful), 1
/// otherwise.
#[derive(Clone, Debug)]
pub struct ExitStatus {
    /// Why the service ended.
    pub reason: ExitReason,
}

impl ExitStatus {
    /// Returns `false` exactly for `RunError` and for a `Fatal` stop.
    #[must_use]
    pub const fn is_graceful(&self) -> bool {
        !matches!(
            self.reason,
            ExitReason::RunError(_) | ExitReason::RequestedShutdown(ShutdownReason::Fatal(_))
        )
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestedShutdown(reason) => reason.fmt(f),
            Self::RunCompleted => f.write_str("run completed"),
            Self::RunError(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        if self.is_graceful() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graceful_is_false_exactly_for_run_error_and_fatal() {
        let graceful = [
            ExitReason::RunCompleted,
            ExitReason::RequestedShutdown(ShutdownReason::UserRequested),
            ExitReason::RequestedShutdown(ShutdownReason::RpcRequested),
            ExitReason::RequestedShutdown(ShutdownReason::ReloadRequested),
            ExitReason::RequestedShutdown(ShutdownReason::RequestedByRun),
        ];
        let failed = [
            ExitReason::RunError(Arc::new(anyhow::anyhow!("boom"))),
            ExitReason::RequestedShutdown(ShutdownReason::Fatal("boom".to_owned())),
        ];

        for reason in graceful {
            let status = ExitStatus { reason };
            assert!(status.is_graceful(), "{status:?}");
            assert_eq!(
                format!("{:?}", status.report()),
                format!("{:?}", ExitCode::SUCCESS)
            );
        }
        for reason in failed {
            let status = ExitStatus { reason };
            assert!(!status.is_graceful(), "{status:?}");
            assert_eq!(
                format!("{:?}", status.report()),
                format!("{:?}", ExitCode::FAILURE)
            );
        }
    }
}
