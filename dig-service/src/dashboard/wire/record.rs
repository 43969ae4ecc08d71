//! One event, one line of a log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::UnixNanos;
use super::label::words;

words! {
    /// How grave something is.
    Severity {
        /// Something happens as it should.
        Info = "info",
        /// Something should be looked at.
        Warning = "warning",
        /// Something went wrong.
        Error = "error",
    }
}

/// One event of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventRecord {
    /// The process.
    pub target_id: Arc<str>,
    /// The place in the journal; no number is left out.
    pub sequence: u64,
    /// The id of the command that caused it; an event that no command caused has one of its own,
    /// `event-` and its sequence.
    pub correlation_id: String,
    /// What kind of event, in pascal case; the table is in `docs/dashboard.md`.
    pub event_type: String,
    /// How grave it is.
    pub severity: Severity,
    /// The path of the child it is about, or `/`.
    pub target_path: Arc<str>,
    /// The name of that child.
    pub child_id: Option<Arc<str>>,
    /// When.
    pub occurred_at_unix_nanos: UnixNanos,
    /// Which configuration was in force: how many reloads had succeeded.
    pub config_version: String,
    /// What else there is to say, by the kind of event.
    pub payload: Map<String, Value>,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogRecord {
    /// The process.
    pub target_id: Arc<str>,
    /// The line's number, counted since the log was tapped.
    pub sequence: Option<u64>,
    /// What its field `correlation_id` says, if it has one.
    pub correlation_id: Option<String>,
    /// How grave it is.
    pub severity: Severity,
    /// The text.
    pub message: String,
    /// The fields, those of its spans included; `target` and `level` are as in `tracing`.
    pub fields: Map<String, Value>,
    /// When.
    pub occurred_at_unix_nanos: UnixNanos,
}
