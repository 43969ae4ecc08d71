//! What the engine knows of one child, and of one group.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::ops::{Index, IndexMut};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::decl::{Intensity, Jitter, Restarts, Rules, Strategy};
use crate::event::StopCause;
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;
use crate::supervisor::engine::{Life, NodeId};

/// What is published of a child.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) phase: ChildPhase,
    pub(crate) generation: u64,
    pub(crate) attempt: u64,
    pub(crate) starts: u64,
    pub(crate) failures: u64,
    pub(crate) completions: u64,
    pub(crate) last_exit: Option<ChildExit>,
    pub(crate) next_retry: Option<Instant>,
    pub(crate) started_at: Option<Instant>,
    pub(crate) is_stuck: bool,
    /// It is stopped to be started again, in this generation.
    pub(crate) returns_in: Option<u64>,
    /// The next start begins a generation.
    pub(crate) is_fresh: bool,
    /// When it was started again, as far as its limit counts that.
    pub(crate) restarted_at: Arc<[Instant]>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            phase: ChildPhase::Pending,
            generation: 0,
            attempt: 0,
            starts: 0,
            failures: 0,
            completions: 0,
            last_exit: None,
            next_retry: None,
            started_at: None,
            is_stuck: false,
            returns_in: None,
            is_fresh: true,
            restarted_at: Arc::default(),
        }
    }
}

/// A child, which may be a supervisor itself.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    /// `None` is the root.
    pub(super) parent: Option<NodeId>,
    pub(super) path: Arc<str>,
    pub(super) rules: Arc<Rules>,
    pub(super) group: Option<Box<Group>>,
    pub(super) dependencies: Vec<NodeId>,
    pub(super) dependents: Vec<NodeId>,
    /// How many children in a row depend on one another below this one.
    pub(super) level: u32,
    pub(super) record: Record,
    /// An attempt exists; of a group: its children are run.
    pub(super) is_live: bool,
    pub(super) is_ready: bool,
    pub(super) ready_at: Option<Instant>,
    /// The group does not wait for it to become ready any more.
    pub(super) is_settled: bool,
    /// No start follows the attempt, whatever the policy says.
    pub(super) is_last: bool,
    pub(super) stop: Option<Box<Stop>>,
    pub(super) restarts: Restarts,
    /// Starts in a row, after none of which the child ran for long.
    pub(super) in_a_row: u32,
    pub(super) jitter: Jitter,
    /// When something is to be done for it if nothing happens before: of its present phase, gone
    /// with it.
    pub(super) due: Option<Instant>,
}

impl Node {
    pub(super) const fn life(&self) -> Life {
        Life {
            node: self.id,
            generation: self.record.generation,
            attempt: self.record.attempt,
        }
    }

    /// Whether its end need not be waited for: it has come, or will not.
    pub(super) const fn is_quiet(&self) -> bool {
        !self.is_live || self.record.is_stuck
    }

    pub(super) const fn phase(&self) -> ChildPhase {
        self.record.phase
    }

    /// The generation of the start that follows the stop which is under way, if one does.
    pub(super) fn returns_in(&self) -> Option<u64> {
        match self.stop.as_ref()?.then {
            Then::Restart => Some(self.record.generation + 1),
            Then::Rejoin => Some(self.record.generation),
            _ => None,
        }
    }

    pub(super) const fn is_ending(&self) -> bool {
        match &self.group {
            Some(group) => group.failing.is_some() || self.stop.is_some(),
            None => self.stop.is_some(),
        }
    }

    /// Forgets what earlier lives did.
    pub(super) fn begin_anew(&mut self) {
        self.record.is_fresh = true;
        self.in_a_row = 0;
        self.restarts = Restarts::default();
        self.record.restarted_at = Arc::default();
    }
}

/// All nodes of a tree, by id.
#[derive(Debug, Default)]
pub(super) struct Nodes(pub(super) HashMap<NodeId, Box<Node>>);

impl Index<NodeId> for Nodes {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        match self.0.get(&id) {
            Some(node) => node,
            None => unreachable!("{id:?} was removed, and is named somewhere yet"),
        }
    }
}

impl IndexMut<NodeId> for Nodes {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        match self.0.get_mut(&id) {
            Some(node) => node,
            None => unreachable!("{id:?} was removed, and is named somewhere yet"),
        }
    }
}

/// A stop that is under way.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) then: Then,
    pub(super) cause: StopCause,
    pub(super) stage: Stage,
    /// How long an abort may take to act.
    pub(super) grace: Duration,
    /// When it must be over, for those below it as well.
    pub(super) deadline: Option<Instant>,
}

/// How far a stop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Those that depend on it are stopped first.
    Waiting,
    Told,
    Aborted,
    /// Aborted, in spite of protected sections.
    Forced,
    Stuck,
}

/// What follows a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Rest(ChildPhase),
    /// A start in a new generation.
    Restart,
    /// A start together with the others of the group.
    Rejoin,
    /// Whatever the rules say of such an exit.
    Judge(ChildExit),
    Remove,
}

/// What a supervisor has beside what it is as a child.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) strategy: Strategy,
    pub(super) intensity: Option<Intensity>,
    pub(super) max_starts: Option<NonZeroUsize>,
    pub(super) restarts: Restarts,
    /// In the order of declaration, as ids only grow.
    pub(super) children: BTreeSet<NodeId>,
    /// Children that are live and not stuck.
    pub(super) live: usize,
    /// Children that are starting.
    pub(super) starting: usize,
    /// Children that wait for their turn to start.
    pub(super) queue: BTreeSet<NodeId>,
    /// Children that the group waits for before it is ready.
    pub(super) unsettled: usize,
    pub(super) round: Option<Round>,
    /// Why the group fails, once its children have stopped.
    pub(super) failing: Option<Arc<str>>,
}

/// A restart of several children at once.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) members: BTreeSet<NodeId>,
    /// Members that have not stopped yet, or whose delay is not over.
    pub(super) waiting: BTreeSet<NodeId>,
}
