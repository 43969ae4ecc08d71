//! What is published of the children: written by the loop, read by everybody.
//!
//! # Invariants
//!
//! - **INV-V1** An event and the state it leads to are published under one lock: who reads the
//!   state reads the sequence of the latest event in it, and no later one.
//! - **INV-V2** A reader holds the lock for as long as it takes to clone one pointer per 64 children;
//!   the writer copies 64 entries at most if a reader still looks at them.
//! - **INV-V3** Whoever waits for a phase is told of it, however shortly the child is in it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::decl::Rules;
use crate::event::{ChildChange, ChildEvent, EventKind, Journal};
use crate::phase::ChildPhase;
use crate::supervisor::context::Pulse;
use crate::supervisor::engine::{NodeId, Record};
use crate::supervisor::{ChildStatus, CommandError, TreeReport, TreeState};
use crate::sync::Lock;

/// How many entries lie together.
const CHUNK: usize = 64;

/// What is known of one child.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) id: NodeId,
    pub(crate) name: Arc<str>,
    pub(crate) path: Arc<str>,
    pub(crate) is_supervisor: bool,
    pub(crate) tags: Arc<[Arc<str>]>,
    pub(crate) rules: Arc<Rules>,
    /// The paths of those it depends on.
    pub(crate) dependencies: Arc<[Arc<str>]>,
    pub(crate) record: Record,
    pub(crate) pulse: Option<Arc<Pulse>>,
    /// The command that what happens to it now follows from, until it has settled.
    pub(crate) cause: Option<Arc<str>>,
    /// It has been told of, so that it is part of the state: not before it is told as added, and
    /// not after it is told as removed.
    pub(crate) is_shown: bool,
    /// The number of the latest event about it.
    pub(crate) told_at: u64,
}

type Chunk = Vec<Option<Entry>>;
type Waiter = (ChildPhase, oneshot::Sender<ChildStatus>);

/// The children of one tree.
#[derive(Default)]
pub(crate) struct Directory {
    inner: Lock<Inner>,
    journal: OnceLock<Journal>,
    /// Whether the children are entered, or never will be.
    is_open: watch::Sender<bool>,
    pub(crate) report: OnceLock<Arc<TreeReport>>,
}

#[derive(Default)]
struct Inner {
    sequence: u64,
    chunks: Vec<Arc<Chunk>>,
    places: HashMap<NodeId, usize>,
    paths: HashMap<Arc<str>, NodeId>,
    /// Those inside of groups, by name.
    nested: HashMap<Arc<str>, Vec<NodeId>>,
    free: Vec<usize>,
    waiters: HashMap<NodeId, Vec<Waiter>>,
    stuck: usize,
    /// The command that is carried out at the moment.
    command: Option<Arc<str>>,
    /// Of children that are gone: how often they were started again, all together.
    restarts_of_removed: u64,
    is_over: bool,
}

impl Directory {
    /// Writes into this journal from now on.
    pub(crate) fn join(&self, journal: Journal) {
        // Once per tree, as its start consumes it.
        let _ = self.journal.set(journal);
    }

    /// All children that were declared are entered.
    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Waits until the children are entered, or never will be.
    pub(crate) async fn opened(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.is_open.subscribe().wait_for(|is_open| *is_open).await;
    }

    /// Enters a child; its first event follows.
    pub(crate) fn insert(&self, entry: Entry) {
        let mut inner = self.inner.lock();
        let place = match inner.free.pop() {
            Some(place) => place,
            None => {
                let full = inner.chunks.last().is_none_or(|last| last.len() == CHUNK);
                if full {
                    inner.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
                }
                let last = inner.chunks.len() - 1;
                let chunk = Arc::make_mut(&mut inner.chunks[last]);
                chunk.push(None);
                last * CHUNK + chunk.len() - 1
            }
        };
        inner.places.insert(entry.id, place);
        inner.paths.insert(Arc::clone(&entry.path), entry.id);
        if is_nested(&entry.path) {
            let name = Arc::clone(&entry.name);
            inner.nested.entry(name).or_default().push(entry.id);
        }
        Arc::make_mut(&mut inner.chunks[place / CHUNK])[place % CHUNK] = Some(entry);
    }

    /// Publishes what happened to a child (INV-V1).
    pub(crate) fn tell(&self, id: NodeId, record: &Record, change: ChildChange) {
        let mut inner = self.inner.lock();
        let is_shown = change != ChildChange::Removed;
        let Some(path) = inner.set(id, record, is_shown) else {
            return;
        };
        let phase = record.phase;
        let event = ChildEvent {
            path,
            generation: record.generation,
            attempt: record.attempt,
            phase,
            change,
        };
        let sequence = match self.journal.get() {
            Some(journal) => {
                let cause = inner.cause_of(id, phase);
                journal.record_caused(EventKind::Child(event), cause)
            }
            None => inner.sequence + 1,
        };
        inner.sequence = sequence;
        if let Some(entry) = inner.entry_mut(id) {
            entry.told_at = sequence;
        }
        let told = inner.told(id, phase);
        drop(inner);
        for (waiter, status) in told {
            // An error means that nobody waits any more.
            let _ = waiter.send(status);
        }
    }

    /// What is told from now on follows from this command, and so does what those who are told of
    /// do until they have settled.
    pub(crate) fn begin_cause(&self, cause: Arc<str>) {
        self.inner.lock().command = Some(cause);
    }

    pub(crate) fn end_cause(&self) {
        self.inner.lock().command = None;
    }

    /// Shows the signs of life of a child's new attempt.
    pub(crate) fn set_pulse(&self, id: NodeId, pulse: Arc<Pulse>) {
        let mut inner = self.inner.lock();
        if let Some(entry) = inner.entry_mut(id) {
            entry.pulse = Some(pulse);
        }
    }

    /// Lets a child go.
    pub(crate) fn remove(&self, id: NodeId) {
        let mut inner = self.inner.lock();
        let Some(place) = inner.places.remove(&id) else {
            return;
        };
        let slot = &mut Arc::make_mut(&mut inner.chunks[place / CHUNK])[place % CHUNK];
        let entry = slot.take();
        inner.free.push(place);
        let waiters = inner.waiters.remove(&id);
        if let Some(entry) = &entry {
            inner.paths.remove(&entry.path);
            if let Some(namesakes) = inner.nested.get_mut(&entry.name) {
                namesakes.retain(|other| *other != id);
                if namesakes.is_empty() {
                    inner.nested.remove(&entry.name);
                }
            }
            inner.restarts_of_removed += entry.record.starts.saturating_sub(1);
        }
        drop(inner);
        drop((entry, waiters));
    }

    /// Lets everybody go who waits: nothing happens any more.
    pub(crate) fn end(&self) {
        let mut inner = self.inner.lock();
        inner.is_over = true;
        let waiters = std::mem::take(&mut inner.waiters);
        drop(inner);
        drop(waiters);
        self.open();
    }

    /// Finds a child by its path, or by its name if only one has it.
    pub(crate) fn find(&self, child: &str) -> Result<NodeId, CommandError> {
        let inner = self.inner.lock();
        let unknown = || CommandError::UnknownChild(child.to_owned());
        if child.starts_with('/') {
            return inner.paths.get(child).copied().ok_or_else(unknown);
        }
        let top = inner.paths.get(format!("/{child}").as_str());
        let nested = inner.nested.get(child).into_iter().flatten();
        let found: Vec<_> = top.into_iter().chain(nested).copied().collect();
        match *found.as_slice() {
            [] => Err(unknown()),
            [only] => Ok(only),
            _ => Err(CommandError::Ambiguous {
                name: child.to_owned(),
                paths: found
                    .into_iter()
                    .filter_map(|id| Some(inner.entry(id)?.path.to_string()))
                    .collect(),
            }),
        }
    }

    pub(crate) fn status(&self, id: NodeId) -> Option<ChildStatus> {
        let inner = self.inner.lock();
        let entry = inner.entry(id)?.clone();
        drop(inner);
        Some(ChildStatus::of(&entry, Instant::now()))
    }

    pub(crate) fn path(&self, id: NodeId) -> Option<Arc<str>> {
        let inner = self.inner.lock();
        Some(Arc::clone(&inner.entry(id)?.path))
    }

    /// The path of a supervisor, if the child is one.
    pub(crate) fn supervisor_path(&self, id: NodeId) -> Option<Arc<str>> {
        let inner = self.inner.lock();
        let entry = inner.entry(id).filter(|entry| entry.is_supervisor)?;
        Some(Arc::clone(&entry.path))
    }

    pub(crate) fn at(&self, path: &str) -> Option<NodeId> {
        self.inner.lock().paths.get(path).copied()
    }

    /// How all stand, as of one event (INV-V1, INV-V2).
    pub(crate) fn state(&self) -> Option<TreeState> {
        self.state_with(|| ()).map(|(state, ())| state)
    }

    /// As above, with what `look` sees while nothing can happen to a child. The journal may be
    /// looked at, whose lock comes after this one.
    pub(crate) fn state_with<T>(&self, look: impl FnOnce() -> T) -> Option<(TreeState, T)> {
        let inner = self.inner.lock();
        let (chunks, sequence) = (inner.chunks.clone(), inner.sequence);
        let seen = look();
        drop(inner);
        let now = Instant::now();
        let entries = chunks.iter().flat_map(|chunk| chunk.iter().flatten());
        let entries = entries.filter(|entry| entry.is_shown);
        let mut all: Vec<_> = entries.map(|e| (e.id, ChildStatus::of(e, now))).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        let mut all = all.into_iter().map(|(_, status)| status);
        let root = all.next()?;
        let state = TreeState {
            sequence,
            root,
            children: all.collect(),
        };
        Some((state, seen))
    }

    /// Where the status comes once the child is in the phase; at once if it is.
    pub(crate) fn wait(&self, id: NodeId, phase: ChildPhase) -> oneshot::Receiver<ChildStatus> {
        let mut inner = self.inner.lock();
        let (sender, receiver) = oneshot::channel();
        let entry = inner.entry(id).cloned();
        match entry {
            Some(entry) if entry.record.phase == phase => {
                drop(inner);
                // The receiver is in our hand.
                let _ = sender.send(ChildStatus::of(&entry, Instant::now()));
            }
            Some(_) if !inner.is_over => {
                inner.waiters.entry(id).or_default().push((phase, sender));
            }
            // Nobody will send: that is the answer.
            _ => {}
        }
        receiver
    }

    /// How many children were aborted and do not end.
    pub(crate) fn stuck(&self) -> usize {
        self.inner.lock().stuck
    }

    pub(crate) fn restarts_of_removed(&self) -> u64 {
        self.inner.lock().restarts_of_removed
    }
}

/// Whether the path leads through a group.
fn is_nested(path: &str) -> bool {
    path.bytes().filter(|byte| *byte == b'/').count() > 1
}

impl Inner {
    fn entry(&self, id: NodeId) -> Option<&Entry> {
        let place = *self.places.get(&id)?;
        self.chunks[place / CHUNK][place % CHUNK].as_ref()
    }

    fn entry_mut(&mut self, id: NodeId) -> Option<&mut Entry> {
        let place = *self.places.get(&id)?;
        Arc::make_mut(&mut self.chunks[place / CHUNK])[place % CHUNK].as_mut()
    }

    fn set(&mut self, id: NodeId, record: &Record, is_shown: bool) -> Option<Arc<str>> {
        let entry = self.entry_mut(id)?;
        entry.is_shown = is_shown;
        let was_stuck = std::mem::replace(&mut entry.record, record.clone()).is_stuck;
        let path = Arc::clone(&entry.path);
        self.stuck += usize::from(record.is_stuck);
        self.stuck -= usize::from(was_stuck);
        Some(path)
    }

    /// The command that an event of a child follows from. Once the child runs or rests, what comes
    /// next follows from itself.
    fn cause_of(&mut self, id: NodeId, phase: ChildPhase) -> Option<Arc<str>> {
        let command = self.command.clone();
        let entry = self.entry_mut(id)?;
        let is_settled = phase == ChildPhase::Running || phase.is_resting();
        match command {
            Some(command) => {
                entry.cause = Some(command).filter(|_| !is_settled);
                self.command.clone()
            }
            None if is_settled => entry.cause.take(),
            None => entry.cause.clone(),
        }
    }

    /// Who is to be told of the phase (INV-V3).
    fn told(
        &mut self,
        id: NodeId,
        phase: ChildPhase,
    ) -> Vec<(oneshot::Sender<ChildStatus>, ChildStatus)> {
        let Some(waiters) = self.waiters.get_mut(&id) else {
            return Vec::new();
        };
        waiters.retain(|(_, waiter)| !waiter.is_closed());
        let told: Vec<_> = waiters
            .extract_if(.., |(awaited, _)| *awaited == phase)
            .collect();
        if waiters.is_empty() {
            self.waiters.remove(&id);
        }
        if told.is_empty() {
            return Vec::new();
        }
        let Some(entry) = self.entry(id) else {
            return Vec::new();
        };
        let status = ChildStatus::of(entry, Instant::now());
        told.into_iter()
            .map(|(_, waiter)| (waiter, status.clone()))
            .collect()
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
