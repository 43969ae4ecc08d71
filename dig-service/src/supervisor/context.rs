//! What a child is given when it is started.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::time::Instant;

use crate::shutdown::ShutdownToken;
use crate::supervisor::engine::{Life, NodeId};
use crate::supervisor::inbox::{Inbox, Signal};
use crate::tasks::{Protected, Protection, TaskContext, TaskRegistry};

/// What one attempt of a child is given.
#[derive(Clone)]
#[non_exhaustive]
pub struct ChildContext {
    /// The child's name.
    pub name: Arc<str>,
    /// Which of the child's lives this is, from 1.
    pub generation: u64,
    /// Which start within the generation, from 1.
    pub attempt: u64,
    /// Fires when this attempt is to end: return then. It does not fire with the service's token,
    /// as those that others depend on stop after them.
    pub shutdown: ShutdownToken,
    /// Where further tasks are spawned: the service's registry, which ends them with the service
    /// and not with the child.
    pub tasks: TaskRegistry,
    pub(super) fixed_name: &'static str,
    pub(super) protection: Protection,
    pub(super) node: NodeId,
    pub(super) inbox: Inbox,
    pub(super) pulse: Arc<Pulse>,
}

impl ChildContext {
    /// Gives a sign of life: from now on the [limit](crate::supervisor::ChildSpec::heartbeat) counts
    /// anew. Cheap enough for a hot loop.
    pub fn beat(&self) {
        self.pulse.beat();
    }

    /// Says that the child is ready, so that those which depend on it may start.
    ///
    /// Means something for a child whose readiness is
    /// [explicit](crate::supervisor::Readiness::Explicit); saying it again changes nothing.
    pub fn ready(&self) {
        if !self.pulse.is_ready.swap(true, Ordering::Relaxed) {
            self.inbox.send(Signal::Ready(self.life()));
        }
    }

    /// Begins a section in which the attempt is not aborted; see
    /// [`TaskContext::protect`](crate::TaskContext::protect).
    pub fn protect(&self) -> Protected {
        self.protection.enter(&self.tasks)
    }

    pub(super) const fn life(&self) -> Life {
        Life {
            node: self.node,
            generation: self.generation,
            attempt: self.attempt,
        }
    }

    /// The same for code that knows of tasks only.
    pub(crate) fn into_task(self) -> TaskContext {
        self.protection
            .into_context(self.fixed_name, self.shutdown, self.tasks)
    }
}

impl fmt::Debug for ChildContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildContext")
            .field("name", &self.name)
            .field("generation", &self.generation)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// The signs of life of one attempt.
#[derive(Debug)]
pub(crate) struct Pulse {
    began: Instant,
    /// Nanoseconds from `began` to the latest beat, plus one; zero before the first. Alone in what
    /// it says, so relaxed.
    beat: AtomicU64,
    is_ready: AtomicBool,
}

impl Pulse {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            beat: AtomicU64::new(0),
            is_ready: AtomicBool::new(false),
        }
    }

    fn beat(&self) {
        let nanos = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.beat.store(nanos.saturating_add(1), Ordering::Relaxed);
    }

    /// The latest beat, if there was one.
    pub(crate) fn latest(&self) -> Option<Instant> {
        let nanos = self.beat.load(Ordering::Relaxed).checked_sub(1)?;
        self.began
            .checked_add(std::time::Duration::from_nanos(nanos))
    }

    /// The latest sign of life, the start included.
    pub(super) fn latest_or_start(&self) -> Instant {
        self.latest().unwrap_or(self.began)
    }
}
