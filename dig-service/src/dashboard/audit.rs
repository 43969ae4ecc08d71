//! Commands are written down before they are carried out.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::json;

use crate::dashboard::config::AuditFailure;
use crate::dashboard::peer::Peer;
use crate::dashboard::{
    ControlCommandRequest, DashboardError, DashboardErrorCode, DashboardStage, UnixNanos,
    ValidatedDashboardIpcConfig,
};
use crate::sync::Lock;

/// A file with one JSON object per command.
#[derive(Debug)]
pub(crate) struct AuditFile {
    held: Lock<Held>,
    on_failure: AuditFailure,
}

#[derive(Debug)]
struct Held {
    file: File,
    /// A write has failed, so that the last line may be a part of one.
    is_torn: bool,
}

impl AuditFile {
    /// Opens the file, if the configuration names one. It is made with mode `0600`.
    pub(crate) fn open(config: &ValidatedDashboardIpcConfig) -> io::Result<Option<Self>> {
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            options.append(true).create(true).mode(0o600).open(path)
        };
        let file = config
            .config()
            .audit_file
            .as_deref()
            .map(open)
            .transpose()?;
        Ok(file.map(|file| Self {
            held: Lock::from(Held {
                file,
                is_torn: false,
            }),
            on_failure: config.config().audit_failure,
        }))
    }

    /// Writes a command down. `Ok` confirms that the system has the line, or that commands may go
    /// without.
    pub(crate) fn write(
        &self,
        command: &ControlCommandRequest,
        peer: Peer,
    ) -> Result<(), DashboardError> {
        let line = json!({
            "at_unix_nanos": UnixNanos::now(),
            "command_id": command.command_id,
            "command": command.command,
            "target_id": command.target_id,
            "target": command.target,
            "reason": command.reason,
            "requested_by": command.requested_by,
            "uid": peer.uid,
            "gid": peer.gid,
            "pid": peer.pid,
        });
        let mut held = self.held.lock();
        let begin = if held.is_torn { "\n" } else { "" };
        let written = held.file.write_all(format!("{begin}{line}\n").as_bytes());
        held.is_torn = written.is_err();
        drop(held);
        written.or_else(|error| self.failed(&error.to_string()))
    }

    /// What follows when a command cannot be written down.
    pub(crate) fn failed(&self, error: &str) -> Result<(), DashboardError> {
        match self.on_failure {
            AuditFailure::FailOpen => {
                tracing::warn!(
                    error,
                    "audit file cannot be written; the command is carried out"
                );
                Ok(())
            }
            AuditFailure::FailClosed => {
                let code = DashboardErrorCode::AuditWriteFailed;
                let what = format!("audit file cannot be written, so nothing was done: {error}");
                Err(DashboardError::new(code, DashboardStage::Audit, what))
            }
        }
    }
}
