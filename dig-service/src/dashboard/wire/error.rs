//! What is refused, and where on its way.

use serde::{Deserialize, Serialize};

use super::label::words;

words! {
    /// What was wrong.
    DashboardErrorCode {
        /// The line is no JSON object that could be a request.
        InvalidJson = "invalid_json",
        /// There is no such method.
        UnsupportedMethod = "unsupported_method",
        /// The params are not those of the method.
        InvalidCommandParams = "invalid_command_params",
        /// The line is too long.
        RequestTooLarge = "request_too_large",
        /// Too many lines in too short a time.
        RateLimitExceeded = "rate_limit_exceeded",
        /// Somebody else's process.
        PeerCredUidMismatch = "peer_cred_uid_mismatch",
        /// The kernel does not tell who the peer is.
        PeerCredUnavailable = "peer_cred_unavailable",
        /// The connections are all taken.
        TooManyConnections = "too_many_connections",
        /// A field says what it must not.
        ValidationFailed = "validation_failed",
        /// A subscription without a session.
        SessionRequired = "session_required",
        /// A command id that another user has used.
        ReplayDetected = "replay_detected",
        /// The audit could not be written, so that nothing was done.
        AuditWriteFailed = "audit_write_failed",
        /// There is nothing to take the command, or not yet, or not any more.
        TargetUnavailable = "target_unavailable",
        /// The command took too long; it may still be carried out.
        CommandTimeout = "command_timeout",
        /// The command was refused by what it is for.
        CommandFailed = "command_failed",
        /// The socket cannot be bound.
        IpcBindFailed = "ipc_bind_failed",
        /// What is at the path cannot be looked at.
        IpcPathMetadataFailed = "ipc_path_metadata_failed",
        /// A socket that was left behind cannot be removed.
        IpcStaleRemoveFailed = "ipc_stale_remove_failed",
    }
}

words! {
    /// Where on its way something was refused.
    DashboardStage {
        /// At the peer's identity.
        PeerCredentials = "peer_credentials",
        /// At the connection.
        Accept = "accept",
        /// At the line's length.
        SizeLimit = "size_limit",
        /// At the rate.
        RateLimit = "rate_limit",
        /// While it was read.
        ProtocolParse = "protocol_parse",
        /// At the fields of a command.
        CommandValidate = "command_validate",
        /// At the command's id.
        ReplayProtection = "replay_protection",
        /// At the audit.
        Audit = "audit",
        /// When it was passed on.
        CommandDispatch = "command_dispatch",
        /// At a subscription.
        Subscription = "subscription",
        /// When the socket was bound.
        IpcBind = "ipc_bind",
        /// While the configuration was read.
        Config = "config",
    }
}

/// What was refused, where, and whether it may be tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code} @ {stage})")]
#[non_exhaustive]
pub struct DashboardError {
    /// What was wrong.
    pub code: DashboardErrorCode,
    /// Where that was found.
    pub stage: DashboardStage,
    /// The process that was asked.
    pub target_id: Option<String>,
    /// The same in words.
    pub message: String,
    /// The same request may succeed later.
    pub retryable: bool,
}

impl DashboardError {
    /// Says what was wrong; not retryable, and of no target.
    #[must_use]
    pub fn new(
        code: DashboardErrorCode,
        stage: DashboardStage,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            stage,
            target_id: None,
            message: message.into(),
            retryable: false,
        }
    }

    pub(crate) const fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    pub(crate) fn of_target(mut self, target_id: &str) -> Self {
        self.target_id = Some(target_id.to_owned());
        self
    }

    /// A field of a command that says what it must not.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let (code, stage) = (
            DashboardErrorCode::ValidationFailed,
            DashboardStage::CommandValidate,
        );
        Self::new(code, stage, message)
    }

    /// Something that cannot be bound.
    pub(crate) fn bind(code: DashboardErrorCode, message: impl Into<String>) -> Self {
        Self::new(code, DashboardStage::IpcBind, message)
    }
}
