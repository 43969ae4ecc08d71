//! What can happen.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::event::{ChildCommandEvent, ChildEvent, CommandEvent, ProviderEvent};
use crate::phase::Phase;
use crate::shutdown::ShutdownReason;

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The place in the journal; the first event has 1, and no number is left out.
    pub sequence: u64,
    /// When it happened, by the system's clock.
    pub at: SystemTime,
    /// The id of the command that caused it, which is also that of the command's own event; `None`
    /// if nobody's command did.
    pub correlation: Option<Arc<str>>,
    /// How many reloads had succeeded: which configuration was in force.
    pub reloads: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The service entered a phase.
    PhaseEntered {
        /// The phase.
        phase: Phase,
    },
    /// A hook was called.
    HookBegan {
        /// The hook's name.
        hook: &'static str,
    },
    /// A hook returned, failed, panicked or was given up.
    HookEnded {
        /// The hook's name.
        hook: &'static str,
        /// `"ok"`, `"failed"`, `"panicked"`, `"cancelled"` or `"timed_out"`.
        end: &'static str,
        /// How long it took.
        took: Duration,
    },
    /// A stop was requested.
    ShutdownRequested {
        /// Why.
        reason: ShutdownReason,
    },
    /// A `Fatal` came after a milder reason; it decides the exit status.
    ShutdownRaised {
        /// The graver reason.
        reason: ShutdownReason,
    },
    /// A signal arrived, and is acted upon.
    Signal {
        /// Its name, as in `SIGTERM`.
        name: &'static str,
    },
    /// A command was taken.
    CommandTaken(CommandEvent),
    /// Something happened to a provider.
    Provider(ProviderEvent),
    /// Something happened to a supervised child.
    Child(ChildEvent),
    /// A command for a supervised child was taken; written before it is carried out.
    ChildCommand(ChildCommandEvent),
    /// The providers are reloaded.
    ReloadBegan,
    /// A reload is over.
    ReloadEnded {
        /// How many reloads have succeeded so far.
        generation: u64,
        /// Why it failed, if it did: the generation is that of before.
        error: Option<String>,
    },
    /// A hook told of its progress.
    Progress {
        /// What it said.
        what: String,
        /// By how much that moved its deadline.
        extended: Duration,
    },
    /// The stop waits for something.
    StillWaiting {
        /// For what.
        awaited: String,
    },
    /// A heartbeat has been silent for longer than its limit.
    HeartbeatStale {
        /// The heartbeat's name.
        name: &'static str,
    },
    /// A heartbeat that was stale beats again, or is gone.
    HeartbeatRecovered {
        /// The heartbeat's name.
        name: &'static str,
    },
    /// The stop was asked to hurry: graces are skipped, `on_stop` and `post_stop` are not.
    ShutdownHurried,
    /// A task ended otherwise than by returning `Ok`, or a critical one ended at all.
    TaskEnded {
        /// The task's name.
        name: &'static str,
        /// The task's id.
        id: u64,
        /// `"completed"`, `"failed"`, `"panicked"` or `"aborted"`.
        end: &'static str,
    },
    /// A task was alive when its deadline passed, and was aborted.
    TaskLate {
        /// The task's name.
        name: &'static str,
    },
    /// A task was aborted and does not yield.
    TaskStuck {
        /// The task's name.
        name: &'static str,
    },
    /// The service is over: the last event.
    Ended {
        /// The exit code of the process, as the exit report has it.
        code: u8,
    },
    /// The registration with a relay has changed.
    Relay {
        /// `"registered"`, `"unavailable"` or `"rejected"`.
        state: &'static str,
        /// Why, in the relay's words or the system's.
        why: String,
    },
    /// A transport listens.
    TransportBound {
        /// The transport's name.
        name: &'static str,
        /// Where it listens.
        address: String,
    },
}
