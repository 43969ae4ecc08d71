//! What the registry holds of a live task.

use std::panic::Location;
use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::clock::Coarse;
use crate::tasks::polls::Polls;
use crate::tasks::protect::Protection;
use crate::tasks::scope::Scope;
use crate::tasks::{Criticality, TaskEnd, TaskId, TaskKind, TaskSummary};

/// What the table holds of a live task; one cache line, as a spawn writes it and an end reads it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: TaskId,
    pub(super) name: &'static str,
    pub(super) spawned_from: &'static Location<'static>,
    pub(super) spawned_at: Coarse,
    pub(super) kind: TaskKind,
    pub(super) criticality: Criticality,
    pub(super) may_finish: bool,
    pub(super) abort: Abort,
    /// `None` is the registry itself.
    pub(super) scope: Option<Arc<Scope>>,
    pub(super) rare: Option<Box<Rare>>,
}

/// What most tasks do not have.
#[derive(Debug, Default)]
pub(super) struct Rare {
    pub(super) label: Option<Arc<str>>,
    /// Only tasks that were given a context can protect sections.
    pub(super) protection: Option<Arc<Protection>>,
    pub(super) is_blocking: bool,
    /// The way to keep a blocking task from starting.
    pub(super) queued: Option<AbortHandle>,
    pub(super) polls: Option<Box<Polls>>,
    /// How the task ended, between its last poll and its destructor's end, unless it completed.
    pub(super) end: Option<Box<TaskEnd>>,
}

/// Whether an abort spares protected sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Force {
    Gentle,
    Full,
}

/// Where the abort of a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abort {
    /// Nobody has asked for it.
    Idle,
    /// It was asked for inside a protected section, and comes at its end.
    Deferred,
    /// The task ends with its next poll.
    Requested,
}

impl Record {
    /// Asks for the abort; `true` if the task is to be woken for it now.
    pub(super) fn request_abort(&mut self, force: Force) -> bool {
        let protection = self.rare.as_ref().and_then(|rare| rare.protection.as_ref());
        let is_protected = protection.is_some_and(|section| section.is_on());
        match self.abort {
            Abort::Requested => false,
            Abort::Idle | Abort::Deferred if is_protected && force == Force::Gentle => {
                self.abort = Abort::Deferred;
                false
            }
            Abort::Idle | Abort::Deferred => {
                self.abort = Abort::Requested;
                true
            }
        }
    }

    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) fn is_of_framework(&self) -> bool {
        self.scope
            .as_ref()
            .is_some_and(|scope| scope.is_framework())
    }

    /// Whether the task was spawned in `ancestor` or below.
    pub(super) fn is_within(&self, ancestor: &Arc<Scope>) -> bool {
        match &self.scope {
            None => ancestor.is_root(),
            Some(scope) => scope.is_within(ancestor),
        }
    }

    pub(super) fn summary(&self) -> TaskSummary {
        let rare = self.rare.as_ref();
        TaskSummary {
            name: self.name,
            spawned_at: self.spawned_at.into_instant(),
            kind: self.kind,
            id: self.id,
            label: rare.and_then(|rare| rare.label.clone()),
            criticality: self.criticality,
            scope: self.scope.as_ref().map_or("", |scope| scope.name),
            spawned_from: self.spawned_from,
            is_blocking: rare.is_some_and(|rare| rare.is_blocking),
            polls: rare
                .and_then(|rare| rare.polls.as_ref())
                .map(|polls| polls.stats()),
        }
    }
}
