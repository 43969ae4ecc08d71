//! The configuration, as it is read and as it is in order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::dashboard::{DashboardError, DashboardErrorCode, DashboardStage};

/// Every system takes socket paths of this length.
const MAX_PATH: usize = 103;
/// How much longer than its folder's the path is under which a socket is bound.
const ASIDE: usize = "/.12345678/s".len();
const MAX_CONNECTIONS: u64 = 65_536;
const MAX_REQUEST: u64 = 16 * 1024 * 1024;
const YEAR: u64 = 365 * 24 * 60 * 60;

/// How a dashboard listens and what it lets in; read from any format that serde knows.
///
/// | key | default |
/// |---|---|
/// | `target_id` | required: names the process among others |
/// | `display_name` | the target id |
/// | `path` | required: the socket, an absolute path of up to 103 bytes |
/// | `permissions` | `"0600"`: four octal digits; others must not write |
/// | `bind_mode` | `replace_stale`; or `create_new` |
/// | `max_connections` | 64 |
/// | `max_request_bytes` | 65 536 |
/// | `requests_per_second`, `request_burst` | 100, 20: per connection |
/// | `idle_timeout_seconds` | 300: without a request, unless subscribed |
/// | `command_timeout_seconds` | 30 |
/// | `allowed_uids`, `allowed_gids` | none, beside the process's own user and root |
/// | `audit_file` | none: the journal only |
/// | `audit_failure` | `fail_closed`: what cannot be audited is not done; or `fail_open` |
/// | `relay_path` | none: the socket of a relay to register with |
/// | `lease_seconds` | 60: for how long a registration counts |
/// | `registration_heartbeat_interval_seconds` | 15; less than the lease |
///
/// # Examples
///
/// ```
/// use dig_service::dashboard::DashboardIpcConfig;
///
/// let config: DashboardIpcConfig = serde_json::from_str(
///     r#"{ "target_id": "node-1", "path": "run/node-1.sock" }"#,
/// )?;
/// let error = config.validate().unwrap_err();
/// assert!(error.message.starts_with("path: `run/node-1.sock` is relative"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DashboardIpcConfig {
    /// Names the process among others.
    pub target_id: String,
    /// Names it for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The socket.
    pub path: PathBuf,
    /// The socket's mode, as four octal digits.
    #[serde(default = "permissions")]
    pub permissions: String,
    /// What is done about a file that is there already.
    #[serde(default)]
    pub bind_mode: BindMode,
    /// How many may be connected.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// How long a line may be.
    #[serde(default = "max_request_bytes")]
    pub max_request_bytes: usize,
    /// How many lines a connection may send in a second, in the long run.
    #[serde(default = "requests_per_second")]
    pub requests_per_second: u32,
    /// How many at once.
    #[serde(default = "request_burst")]
    pub request_burst: u32,
    /// How long a connection may be silent.
    #[serde(default = "idle_timeout")]
    pub idle_timeout_seconds: u64,
    /// How long a command may take.
    #[serde(default = "command_timeout")]
    pub command_timeout_seconds: u64,
    /// Users who may connect, beside the process's own and root.
    #[serde(default)]
    pub allowed_uids: Vec<u32>,
    /// Groups whose members may connect, by their primary group.
    #[serde(default)]
    pub allowed_gids: Vec<u32>,
    /// Where commands are written to, beside the journal: one JSON object per line.
    #[serde(default)]
    pub audit_file: Option<PathBuf>,
    /// What becomes of a command that cannot be written there.
    #[serde(default)]
    pub audit_failure: AuditFailure,
    /// The socket of a relay.
    #[serde(default)]
    pub relay_path: Option<PathBuf>,
    /// For how long a registration counts.
    #[serde(default = "lease")]
    pub lease_seconds: u64,
    /// How often the process registers.
    #[serde(default = "heartbeat")]
    pub registration_heartbeat_interval_seconds: u64,
}

/// What is done about a file that is where the socket is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BindMode {
    /// It is an error.
    CreateNew,
    /// A socket that nobody serves is removed; anything else is an error.
    #[default]
    ReplaceStale,
}

/// What becomes of a command that cannot be written into the audit file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditFailure {
    /// It is refused.
    #[default]
    FailClosed,
    /// It is carried out, and a warning logged.
    FailOpen,
}

fn permissions() -> String {
    "0600".to_owned()
}

const fn max_connections() -> usize {
    64
}

const fn max_request_bytes() -> usize {
    64 * 1024
}

const fn requests_per_second() -> u32 {
    100
}

const fn request_burst() -> u32 {
    20
}

const fn idle_timeout() -> u64 {
    300
}

const fn command_timeout() -> u64 {
    30
}

const fn lease() -> u64 {
    60
}

const fn heartbeat() -> u64 {
    15
}

impl DashboardIpcConfig {
    /// Makes a configuration with the defaults.
    #[must_use]
    pub fn new(target_id: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            target_id: target_id.into(),
            display_name: None,
            path: path.into(),
            permissions: permissions(),
            bind_mode: BindMode::default(),
            max_connections: max_connections(),
            max_request_bytes: max_request_bytes(),
            requests_per_second: requests_per_second(),
            request_burst: request_burst(),
            idle_timeout_seconds: idle_timeout(),
            command_timeout_seconds: command_timeout(),
            allowed_uids: Vec::new(),
            allowed_gids: Vec::new(),
            audit_file: None,
            audit_failure: AuditFailure::default(),
            relay_path: None,
            lease_seconds: lease(),
            registration_heartbeat_interval_seconds: heartbeat(),
        }
    }

    /// Checks that it is in order.
    ///
    /// # Errors
    ///
    /// `validation_failed` at `config`; the message begins with the key.
    pub fn validate(&self) -> Result<ValidatedDashboardIpcConfig, DashboardError> {
        if self.target_id.trim().is_empty() {
            return Err(wrong("target_id", "it is empty; name the process"));
        }
        check_path("path", &self.path)?;
        let mode = self.mode()?;
        let limits = [
            ("max_connections", self.max_connections as u64),
            ("max_request_bytes", self.max_request_bytes as u64),
            ("requests_per_second", self.requests_per_second.into()),
            ("request_burst", self.request_burst.into()),
            ("idle_timeout_seconds", self.idle_timeout_seconds),
            ("command_timeout_seconds", self.command_timeout_seconds),
            ("lease_seconds", self.lease_seconds),
            (
                "registration_heartbeat_interval_seconds",
                self.registration_heartbeat_interval_seconds,
            ),
        ];
        if let Some((key, _)) = limits.iter().find(|(_, limit)| *limit == 0) {
            return Err(wrong(key, "0 lets nothing happen; use 1 or more"));
        }
        let most = |key: &str| match key {
            "max_connections" => MAX_CONNECTIONS,
            "max_request_bytes" => MAX_REQUEST,
            key if key.ends_with("_seconds") => YEAR,
            _ => u64::MAX,
        };
        if let Some((key, limit)) = limits.iter().find(|(key, limit)| *limit > most(key)) {
            let what = format!("{limit} is too much; use {} at most", most(key));
            return Err(wrong(key, &what));
        }
        if let Some(relay) = &self.relay_path {
            check_path("relay_path", relay)?;
        }
        if let Some(file) = &self.audit_file
            && file.is_relative()
        {
            let what = format!("`{}` is relative; use an absolute path", file.display());
            return Err(wrong("audit_file", &what));
        }
        let (interval, lease) = (
            self.registration_heartbeat_interval_seconds,
            self.lease_seconds,
        );
        if interval >= lease {
            let what = format!("{interval} is not below lease_seconds, {lease}");
            return Err(wrong("registration_heartbeat_interval_seconds", &what));
        }
        Ok(ValidatedDashboardIpcConfig {
            config: self.clone(),
            mode,
        })
    }

    fn mode(&self) -> Result<u32, DashboardError> {
        let text = &self.permissions;
        let is_octal = text.len() == 4 && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
        let mode = u32::from_str_radix(text, 8).ok().filter(|_| is_octal);
        let Some(mode) = mode else {
            let what = format!("`{text}` is not four octal digits, as in \"0600\"");
            return Err(wrong("permissions", &what));
        };
        if mode & 0o002 != 0 {
            let what = format!("`{text}` lets every user of the machine write; use \"0600\"");
            return Err(wrong("permissions", &what));
        }
        if mode & 0o600 != 0o600 {
            let what = format!("`{text}` keeps the process's own user out; use \"0600\"");
            return Err(wrong("permissions", &what));
        }
        Ok(mode)
    }
}

fn check_path(key: &str, path: &Path) -> Result<(), DashboardError> {
    if path.is_relative() {
        let what = format!("`{}` is relative; use an absolute path", path.display());
        return Err(wrong(key, &what));
    }
    let length = path.as_os_str().len();
    let folder = path.parent().map_or(0, |folder| folder.as_os_str().len());
    if length > MAX_PATH || folder + ASIDE > MAX_PATH {
        let most = MAX_PATH - ASIDE;
        let what = format!(
            "it has {length} bytes, its folder {folder}; a socket's path has {MAX_PATH} at most, its folder's {most}"
        );
        return Err(wrong(key, &what));
    }
    if path.file_name().is_none() {
        let what = format!("`{}` names no file", path.display());
        return Err(wrong(key, &what));
    }
    Ok(())
}

fn wrong(key: &str, what: &str) -> DashboardError {
    let (code, stage) = (DashboardErrorCode::ValidationFailed, DashboardStage::Config);
    DashboardError::new(code, stage, format!("{key}: {what}"))
}

/// A configuration that is in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatedDashboardIpcConfig {
    config: DashboardIpcConfig,
    mode: u32,
}

impl ValidatedDashboardIpcConfig {
    /// Returns the configuration.
    #[must_use]
    pub const fn config(&self) -> &DashboardIpcConfig {
        &self.config
    }

    /// Returns the socket's mode.
    #[must_use]
    pub const fn mode(&self) -> u32 {
        self.mode
    }

    pub(crate) fn display_name(&self) -> &str {
        let name = self.config.display_name.as_deref();
        name.unwrap_or(&self.config.target_id)
    }

    /// For how many seconds a registration counts; 0 without a relay.
    pub(crate) const fn lease_seconds(&self) -> u64 {
        match self.config.relay_path {
            Some(_) => self.config.lease_seconds,
            None => 0,
        }
    }

    pub(crate) const fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.config.idle_timeout_seconds)
    }

    pub(crate) const fn command_timeout(&self) -> Duration {
        Duration::from_secs(self.config.command_timeout_seconds)
    }
}

#[cfg(test)]
mod tests;
