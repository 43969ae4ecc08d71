//! The live tasks, in slots that are used again.

use std::panic::Location;
use std::sync::Arc;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::tasks::protect::Protection;
use crate::tasks::scope::Scope;
use crate::tasks::{TaskId, TaskOptions, TaskSummary};

/// Where a task stands in the table; the id tells a slot's present tenant from an earlier one.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlotKey {
    index: usize,
    id: TaskId,
}

/// Whether an abort spares protected sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Force {
    Gentle,
    Full,
}

/// What the table holds of a live task.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: TaskId,
    pub(super) name: &'static str,
    pub(super) options: TaskOptions,
    pub(super) scope: Arc<Scope>,
    pub(super) spawned_at: Instant,
    pub(super) spawned_from: &'static Location<'static>,
    pub(super) is_blocking: bool,
    pub(super) abort: Abort,
    /// Only tasks that were given a context can protect sections.
    pub(super) protection: Option<Arc<Protection>>,
}

/// The way to abort a task; its handle exists only once the task was spawned.
#[derive(Debug)]
pub(super) enum Abort {
    /// Nobody has asked for it.
    Idle(Option<AbortHandle>),
    /// It was asked for inside a protected section, and comes at its end.
    Deferred(Option<AbortHandle>),
    /// It was asked for, maybe before there was a handle.
    Requested,
}

impl Abort {
    /// Stores the handle; gives it back if the task is to be aborted at once.
    pub(super) fn arm(&mut self, handle: AbortHandle) -> Option<AbortHandle> {
        match self {
            Self::Idle(stored) | Self::Deferred(stored) => {
                *stored = Some(handle);
                None
            }
            Self::Requested => Some(handle),
        }
    }

    /// Asks for the abort; gives the handle to do it with, if there is one.
    pub(super) fn request(&mut self) -> Option<AbortHandle> {
        match std::mem::replace(self, Self::Requested) {
            Self::Idle(stored) | Self::Deferred(stored) => stored,
            Self::Requested => None,
        }
    }

    /// Asks for the abort at the end of the protected section.
    pub(super) fn defer(&mut self) {
        if let Self::Idle(stored) = self {
            *self = Self::Deferred(stored.take());
        }
    }
}

impl Record {
    /// Asks for the abort; gives the handle if it is to be done now.
    pub(super) fn abort(&mut self, force: Force) -> Option<AbortHandle> {
        let is_protected = self
            .protection
            .as_ref()
            .is_some_and(|section| section.is_on());
        if is_protected && force == Force::Gentle {
            self.abort.defer();
            return None;
        }
        self.abort.request()
    }

    pub(super) fn summary(&self) -> TaskSummary {
        TaskSummary {
            name: self.name,
            spawned_at: self.spawned_at.into_std(),
            kind: self.options.kind,
            id: self.id,
            label: self.options.label.clone(),
            criticality: self.options.criticality,
            scope: self.scope.name,
            spawned_from: self.spawned_from,
            is_blocking: self.is_blocking,
        }
    }
}

/// Slots and a list of the free ones: insert and remove cost the same at any size.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Option<Record>>,
    free: Vec<usize>,
    next_id: u64,
}

impl Table {
    pub(super) fn insert(&mut self, record: impl FnOnce(TaskId) -> Record) -> SlotKey {
        let id = TaskId(self.next_id);
        self.next_id += 1;
        let record = Some(record(id));
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index] = record;
                index
            }
            None => {
                self.slots.push(record);
                self.slots.len() - 1
            }
        };
        SlotKey { index, id }
    }

    pub(super) fn get_mut(&mut self, key: SlotKey) -> Option<&mut Record> {
        let record = self.slots.get_mut(key.index)?.as_mut()?;
        (record.id == key.id).then_some(record)
    }

    pub(super) fn remove(&mut self, key: SlotKey) -> Option<Record> {
        self.get_mut(key)?;
        let record = self.slots[key.index].take();
        self.free.push(key.index);
        if self.free.len() == self.slots.len() {
            // Nothing lives: a burst does not keep its memory.
            self.slots = Vec::new();
            self.free = Vec::new();
        }
        record
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.slots.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.slots.iter_mut().flatten()
    }
}
