//! Commands, and what comes of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::label::words;
use super::{ChildOperation, DashboardError, ManagedState, UnixNanos};

words! {
    /// What can be told to a process.
    ControlCommandKind {
        /// A child ends, and starts anew.
        RestartChild = "restart_child",
        /// A child ends, and rests until it is resumed.
        PauseChild = "pause_child",
        /// A child that rests starts anew.
        ResumeChild = "resume_child",
        /// A child is taken out of service until it is resumed.
        QuarantineChild = "quarantine_child",
        /// A child ends, and is forgotten.
        RemoveChild = "remove_child",
        /// A child is added by a manifest.
        AddChild = "add_child",
        /// All children end.
        ShutdownTree = "shutdown_tree",
        /// The providers are reloaded in place.
        Reload = "reload",
        /// The whole service stops.
        RequestShutdown = "request_shutdown",
    }
}

impl ControlCommandKind {
    /// All commands, in the order of the protocol.
    pub const ALL: [Self; 9] = [
        Self::RestartChild,
        Self::PauseChild,
        Self::ResumeChild,
        Self::QuarantineChild,
        Self::RemoveChild,
        Self::AddChild,
        Self::ShutdownTree,
        Self::Reload,
        Self::RequestShutdown,
    ];

    /// Returns whether it must be confirmed, as it takes something away or lets something in.
    #[must_use]
    pub const fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::ShutdownTree | Self::RemoveChild | Self::AddChild | Self::RequestShutdown
        )
    }

    /// Returns whether it is for a child that is there.
    #[must_use]
    pub const fn is_for_child(self) -> bool {
        matches!(
            self,
            Self::RestartChild
                | Self::PauseChild
                | Self::ResumeChild
                | Self::QuarantineChild
                | Self::RemoveChild
        )
    }

    /// Returns whether a second one does no more than the first.
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::RestartChild | Self::AddChild | Self::Reload)
    }
}

/// A command, with who gives it and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ControlCommandRequest {
    /// A UUID: given again, it returns the first result.
    pub command_id: String,
    /// The process it is for.
    pub target_id: String,
    /// What is to be done.
    pub command: ControlCommandKind,
    /// What it is to be done to.
    #[serde(default)]
    pub target: CommandTarget,
    /// Why.
    pub reason: String,
    /// Who asks: a label.
    pub requested_by: String,
    /// Dangerous commands need `true`.
    #[serde(default)]
    pub confirmed: bool,
    /// When it was asked for.
    pub requested_at_unix_nanos: UnixNanos,
}

/// What a command is to be done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommandTarget {
    /// A child: its name, or its whole path.
    #[serde(default)]
    pub child_path: Option<String>,
    /// The child to add: a string that holds a JSON object.
    #[serde(default)]
    pub child_manifest: Option<String>,
}

impl ControlCommandRequest {
    /// Makes a command with a new id, as of now.
    #[must_use]
    pub fn new(
        target_id: impl Into<String>,
        command: ControlCommandKind,
        (requested_by, reason): (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self {
            command_id: uuid::Uuid::new_v4().to_string(),
            target_id: target_id.into(),
            command,
            target: CommandTarget::default(),
            reason: reason.into(),
            requested_by: requested_by.into(),
            confirmed: false,
            requested_at_unix_nanos: UnixNanos::now(),
        }
    }

    /// Names the child it is for.
    #[must_use]
    pub fn child(mut self, path: impl Into<String>) -> Self {
        self.target.child_path = Some(path.into());
        self
    }

    /// Gives the manifest of the child to add.
    #[must_use]
    pub fn manifest(mut self, manifest: impl Into<String>) -> Self {
        self.target.child_manifest = Some(manifest.into());
        self
    }

    /// Confirms a dangerous command.
    #[must_use]
    pub const fn confirmed(mut self) -> Self {
        self.confirmed = true;
        self
    }
}

words! {
    /// Whether a command was carried out.
    CommandStatus {
        /// It was.
        Completed = "completed",
        /// It was not.
        Failed = "failed",
    }
}

words! {
    /// What was decided about the attempt that a command is to follow.
    FenceDecision {
        /// It is done: there was nothing to wait for.
        StartedImmediately = "started_immediately",
        /// It is done once the present attempt has ended.
        QueuedAfterStop = "queued_after_stop",
        /// It was under way, or so, already.
        AlreadyPending = "already_pending",
        /// Everything stops.
        BlockedByShutdown = "blocked_by_shutdown",
        /// It was refused.
        Rejected = "rejected",
    }
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ControlCommandResult {
    /// The command's id.
    pub command_id: String,
    /// The process.
    pub target_id: String,
    /// It was taken.
    pub accepted: bool,
    /// Whether it was carried out.
    pub status: CommandStatus,
    /// Why not.
    pub error: Option<DashboardError>,
    /// What has changed.
    pub state_delta: Option<StateDelta>,
    /// When it was answered.
    pub completed_at_unix_nanos: UnixNanos,
}

/// What a command has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StateDelta {
    /// A child was added.
    ChildAdded {
        /// Its manifest, as it was given.
        child_manifest: String,
        /// How it stands.
        outcome: ChildOutcome,
    },
    /// A child was steered.
    ChildControl {
        /// How it stood, and how it stands.
        outcome: ChildOutcome,
    },
    /// All children, or the whole service, were told to end.
    Shutdown {
        /// Of a tree: how each child came down. Of a service: that it stops.
        result: Value,
    },
    /// A reload was asked for; the events `ReloadBegan` and `ReloadEnded` tell how it goes.
    Reload {
        /// What there is to say.
        result: Value,
    },
}

/// How a child stood before a command, and how it stands since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChildOutcome {
    /// Its path.
    pub child_path: String,
    /// Before.
    pub before: OutcomeSide,
    /// After.
    pub after: OutcomeSide,
    /// Its generation, after.
    pub generation: u64,
    /// Its attempt, after.
    pub attempt: u64,
    /// The command has changed nothing.
    pub idempotent: bool,
    /// What was decided.
    pub decision: FenceDecision,
}

/// How a child stands, as far as a command is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutcomeSide {
    /// What the operator wants of it.
    pub operation: ChildOperation,
    /// What is made of it.
    pub managed_child_state: ManagedState,
    /// Its phase.
    pub lifecycle_state: String,
}
