//! How a process makes itself known.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a process says of itself, to a relay and to who says hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetProcessRegistration {
    /// The process.
    pub target_id: String,
    /// Its name for people.
    pub display_name: String,
    /// Its socket.
    pub ipc_path: PathBuf,
    /// How long a registration counts, in seconds; 0 without a relay.
    pub lease_seconds: u64,
    /// What it can be told.
    pub supported_commands: Vec<SupportedCommand>,
}

/// A command that the process takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SupportedCommand {
    /// Its name, without `command.`.
    pub name: String,
    /// Given twice, it does no more than once.
    pub idempotent: bool,
    /// After how many seconds it is answered with `command_timeout`.
    pub timeout_seconds: u64,
}

/// What a relay answers to a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegistrationReply {
    /// It was taken.
    pub ok: bool,
    /// The process.
    #[serde(default)]
    pub target_id: Option<String>,
    /// What became of it, in the relay's words.
    #[serde(default)]
    pub status: Option<String>,
    /// Why it was not taken.
    #[serde(default)]
    pub error: Option<serde_json::Value>,
    /// It may be tried again.
    #[serde(default)]
    pub retryable: bool,
}
