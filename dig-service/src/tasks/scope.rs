//! A named part of a registry that can be stopped and joined on its own.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::phase::Phase;
use crate::shutdown::ShutdownToken;
use crate::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What all tasks of one scope share.
///
/// The gate is written before all shards are locked in turn, and read under a shard's lock: a spawn
/// that has seen it open is in the table for whoever narrowed it.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) name: &'static str,
    pub(super) parent: Option<Arc<Self>>,
    pub(super) token: ShutdownToken,
    /// Woken whenever the scope and all below it run out of tasks.
    pub(super) idle: Notify,
    /// Of the root, this counts only once the shards are watched.
    live: AtomicUsize,
    gate: AtomicU8,
    is_framework: bool,
}

/// What a scope takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gate {
    /// Everything.
    Open,
    /// Drain work only.
    Draining,
    /// Nothing.
    Closed,
}

impl Gate {
    /// The phase that a refusal names.
    const fn phase(self) -> Phase {
        match self {
            Self::Open => Phase::Running,
            Self::Draining => Phase::Draining,
            Self::Closed => Phase::Joining,
        }
    }
}

impl Scope {
    pub(super) fn new(
        name: &'static str,
        parent: Option<Arc<Self>>,
        token: ShutdownToken,
    ) -> Arc<Self> {
        Arc::new(Self::bare(name, parent, token))
    }

    fn bare(name: &'static str, parent: Option<Arc<Self>>, token: ShutdownToken) -> Self {
        // A part of what is the framework's is the framework's, too.
        let is_framework = parent.as_ref().is_some_and(|parent| parent.is_framework);
        Self {
            name,
            parent,
            token,
            idle: Notify::new(),
            live: AtomicUsize::new(0),
            gate: AtomicU8::new(Gate::Open as u8),
            is_framework,
        }
    }

    /// A scope of the framework's own, beside that of the user.
    pub(super) fn framework(name: &'static str, token: ShutdownToken) -> Arc<Self> {
        let mut scope = Self::bare(name, None, token);
        scope.is_framework = true;
        Arc::new(scope)
    }

    /// This scope and all above it.
    pub(super) fn lineage(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |scope| scope.parent.as_ref())
    }

    pub(super) fn is_within(self: &Arc<Self>, ancestor: &Arc<Self>) -> bool {
        self.lineage().any(|scope| Arc::ptr_eq(scope, ancestor))
    }

    /// Whether this is the user's whole registry, whose tasks the shards count.
    pub(super) const fn is_root(&self) -> bool {
        self.parent.is_none() && !self.is_framework
    }

    /// Live tasks here and below; of the root, once the shards are watched.
    pub(super) fn live(&self) -> usize {
        // Acquire pairs with the Release in `leave`: who reads 0 sees what the destructors did.
        self.live.load(Ordering::Acquire)
    }

    /// The phase that refuses a task, if one does: the strictest gate up the lineage decides.
    pub(super) fn refusal(self: &Arc<Self>, is_drain_work: bool) -> Option<Phase> {
        let gate = self.lineage().map(|scope| scope.gate()).max()?;
        let admits = match gate {
            Gate::Open => true,
            Gate::Draining => is_drain_work,
            Gate::Closed => false,
        };
        (!admits).then(|| gate.phase())
    }

    /// Whether nothing up the lineage is draining or closed.
    pub(super) fn is_open(self: &Arc<Self>) -> bool {
        self.lineage().all(|scope| scope.gate() == Gate::Open)
    }

    /// Narrows the gate; it never opens again.
    pub(super) fn narrow(&self, to: Gate) {
        self.gate.fetch_max(to as u8, Ordering::Relaxed);
    }

    /// Counts a task in, here and in all above but the root.
    pub(super) fn enter(self: &Arc<Self>) {
        for scope in self.lineage().filter(|scope| !scope.is_root()) {
            scope.add(1);
        }
    }

    /// Counts a task out again; `true` if a scope has run out of tasks, and those who wait for it
    /// are to be woken.
    pub(super) fn leave(self: &Arc<Self>) -> bool {
        let counted = self.lineage().filter(|scope| !scope.is_root());
        // Not `any`, which stops counting at the first.
        counted.filter(|scope| scope.subtract(1)).count() > 0
    }

    pub(super) fn add(&self, tasks: usize) {
        self.live.fetch_add(tasks, Ordering::Relaxed);
    }

    /// Counts tasks out; `true` if none is left.
    pub(super) fn subtract(&self, tasks: usize) -> bool {
        self.live.fetch_sub(tasks, Ordering::Release) == tasks
    }

    /// Wakes those who wait for a scope without tasks. Runs their wakers: not under a lock.
    pub(super) fn wake_the_idle(self: &Arc<Self>) {
        for scope in self.lineage() {
            if !scope.is_root() && scope.live() == 0 {
                scope.idle.notify_waiters();
            }
        }
    }

    pub(super) const fn is_framework(&self) -> bool {
        self.is_framework
    }

    fn gate(&self) -> Gate {
        match self.gate.load(Ordering::Relaxed) {
            0 => Gate::Open,
            1 => Gate::Draining,
            _ => Gate::Closed,
        }
    }
}
