//! A named part of a registry that can be stopped and joined on its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::phase::Phase;
use crate::shutdown::ShutdownToken;

/// What all tasks of one scope share.
///
/// The atomics are written under the table's lock only, which orders them; hence `Relaxed`.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) name: &'static str,
    pub(super) parent: Option<Arc<Self>>,
    pub(super) token: ShutdownToken,
    /// Woken whenever the scope and all below it run out of tasks.
    pub(super) idle: Notify,
    live: AtomicUsize,
    gate: AtomicU8,
    aborting: AtomicBool,
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
        Arc::new(Self {
            name,
            parent,
            token,
            idle: Notify::new(),
            live: AtomicUsize::new(0),
            gate: AtomicU8::new(Gate::Open as u8),
            aborting: AtomicBool::new(false),
        })
    }

    /// This scope and all above it.
    pub(super) fn lineage(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |scope| scope.parent.as_ref())
    }

    pub(super) fn is_within(self: &Arc<Self>, ancestor: &Arc<Self>) -> bool {
        self.lineage().any(|scope| Arc::ptr_eq(scope, ancestor))
    }

    /// Live tasks here and below.
    pub(super) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
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

    pub(super) fn is_aborting(self: &Arc<Self>) -> bool {
        self.lineage().any(|s| s.aborting.load(Ordering::Relaxed))
    }

    /// Narrows the gate; it never opens again.
    pub(super) fn narrow(&self, to: Gate) {
        self.gate.fetch_max(to as u8, Ordering::Relaxed);
    }

    pub(super) fn set_aborting(&self) {
        self.aborting.store(true, Ordering::Relaxed);
    }

    pub(super) fn enter(self: &Arc<Self>) {
        for scope in self.lineage() {
            scope.live.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn leave(self: &Arc<Self>) {
        for scope in self.lineage() {
            if scope.live.fetch_sub(1, Ordering::Relaxed) == 1 {
                scope.idle.notify_waiters();
            }
        }
    }

    fn gate(&self) -> Gate {
        match self.gate.load(Ordering::Relaxed) {
            0 => Gate::Open,
            1 => Gate::Draining,
            _ => Gate::Closed,
        }
    }
}
