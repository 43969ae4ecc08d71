//! What a service's events add up to: a fold over the journal, kept under its lock.
//!
//! Who reads the digest and the sequence together has exactly the events up to there in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::event::{ChildChange, EventKind, ProviderChange, ProviderEvent};
use crate::phase::Phase;
use crate::shutdown::ShutdownReason;

/// What the events so far add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) phase: Phase,
    /// Why the service stops, once it does: the gravest reason.
    pub(crate) reason: Option<ShutdownReason>,
    pub(crate) exit_code: Option<u8>,
    pub(crate) providers: BTreeMap<&'static str, ProviderStanding>,
    pub(crate) stale_heartbeats: BTreeSet<&'static str>,
    pub(crate) reloads: Reloads,
    pub(crate) commands: BTreeMap<&'static str, u64>,
    pub(crate) signals: BTreeMap<&'static str, u64>,
    /// By hook and end: how often, and how many microseconds.
    pub(crate) hooks: BTreeMap<(&'static str, &'static str), (u64, u64)>,
    pub(crate) children: BTreeMap<&'static str, u64>,
    pub(crate) late_tasks: u64,
    pub(crate) stuck_tasks: u64,
}

/// How a provider stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderStanding {
    /// The name of its latest change but for reloads.
    pub(crate) state: &'static str,
    pub(crate) error: Option<Arc<str>>,
    /// What the last reload did to it.
    pub(crate) last_reload: Option<&'static str>,
}

/// How reloads went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reloads {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) is_under_way: bool,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            phase: Phase::New,
            reason: None,
            exit_code: None,
            providers: BTreeMap::new(),
            stale_heartbeats: BTreeSet::new(),
            reloads: Reloads::default(),
            commands: BTreeMap::new(),
            signals: BTreeMap::new(),
            hooks: BTreeMap::new(),
            children: BTreeMap::new(),
            late_tasks: 0,
            stuck_tasks: 0,
        }
    }
}

impl Digest {
    /// Takes in one more event.
    pub(crate) fn apply(&mut self, event: &EventKind) {
        match event {
            EventKind::PhaseEntered { phase } => self.phase = *phase,
            EventKind::ShutdownRequested { reason } | EventKind::ShutdownRaised { reason } => {
                self.reason = Some(reason.clone());
            }
            EventKind::Ended { code } => self.exit_code = Some(*code),
            EventKind::HookEnded { hook, end, took } => {
                let (count, micros) = self.hooks.entry((*hook, *end)).or_default();
                *count += 1;
                let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                *micros = micros.saturating_add(took);
            }
            EventKind::Signal { name } => *self.signals.entry(name).or_default() += 1,
            EventKind::CommandTaken(command) => self.count_command(command.command),
            EventKind::ChildCommand(command) => self.count_command(command.command),
            EventKind::Child(child) => self.count_child(&child.change),
            EventKind::Provider(provider) => self.note_provider(provider),
            EventKind::ReloadBegan => self.reloads.is_under_way = true,
            EventKind::ReloadEnded { error, .. } => {
                self.reloads.is_under_way = false;
                match error {
                    None => self.reloads.succeeded += 1,
                    Some(_) => self.reloads.failed += 1,
                }
            }
            EventKind::HeartbeatStale { name } => {
                self.stale_heartbeats.insert(name);
            }
            EventKind::HeartbeatRecovered { name } => {
                self.stale_heartbeats.remove(name);
            }
            EventKind::TaskLate { .. } => self.late_tasks += 1,
            EventKind::TaskStuck { .. } => self.stuck_tasks += 1,
            EventKind::HookBegan { .. }
            | EventKind::Progress { .. }
            | EventKind::StillWaiting { .. }
            | EventKind::ShutdownHurried
            | EventKind::TaskEnded { .. }
            | EventKind::Relay { .. }
            | EventKind::TransportBound { .. } => {}
        }
    }

    fn count_command(&mut self, command: &'static str) {
        *self.commands.entry(command).or_default() += 1;
    }

    fn count_child(&mut self, change: &ChildChange) {
        *self.children.entry(change.label()).or_default() += 1;
    }

    fn note_provider(&mut self, event: &ProviderEvent) {
        let standing = self
            .providers
            .entry(event.name)
            .or_insert(ProviderStanding {
                state: "registered",
                error: None,
                last_reload: None,
            });
        match &event.change {
            ProviderChange::Reloaded { outcome } => standing.last_reload = Some(outcome),
            ProviderChange::BootFailed { error } | ProviderChange::CloseFailed { error } => {
                standing.state = event.change.label();
                standing.error = Some(Arc::clone(error));
            }
            ProviderChange::Booting
            | ProviderChange::Ready
            | ProviderChange::Closing
            | ProviderChange::Closed => {
                standing.state = event.change.label();
                standing.error = None;
            }
        }
    }
}
