//! The engine: what happens in a tree of children, decided without a clock, a channel or a task.
//!
//! [`Engine::handle`] takes what happened, and when, and gives the orders that follow. Deadlines
//! belong to the phase that a child is in: leaving the phase takes them away, so that none can act
//! late; exits and signs of life carry the [`Life`] they belong to (I36).

mod end;
mod group;
mod grow;
mod node;
mod shut;
mod start;
mod steer;
mod stop;
mod tick;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use self::node::{Group, Nodes};
use crate::event::{ChildChange, StopCause};
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;
use crate::supervisor::report::TreeReport;

pub(crate) use self::grow::{GroupPlan, Plan};
pub(crate) use self::node::Record;
pub(crate) use self::steer::{Refusal, Steer};

/// For how many orders room is kept between events.
pub(crate) const KEPT: usize = 64;

/// A child of the tree, for ever: a name may be given again, an id is not. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u64);

impl NodeId {
    pub(crate) const ROOT: Self = Self(0);
}

/// One attempt of one child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Life {
    pub(crate) node: NodeId,
    pub(crate) generation: u64,
    pub(crate) attempt: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The tree is to be started.
    Begin,
    /// An attempt is over, and its future is dropped.
    Exited { life: Life, exit: ChildExit },
    /// No start is to follow an attempt: it could not be spawned, or its work is done for good. Its
    /// exit comes next.
    Last { life: Life },
    /// An attempt says that it is ready.
    Ready { life: Life },
    /// The answer to [`Order::Ask`]: the latest sign of life.
    Beat { life: Life, at: Instant },
    /// Time has passed.
    Tick,
    /// Everything is to stop, by the deadline if there is one.
    Shut { deadline: Option<Instant> },
    /// Everything is to be aborted now.
    Hurry,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Start an attempt.
    Spawn(Life),
    /// Fire an attempt's token.
    Cancel { life: Life, cause: StopCause },
    /// Abort an attempt, unless it is protected.
    Abort(Life),
    /// Abort an attempt, protected or not.
    Force(Life),
    /// Tell when the attempt gave its latest sign of life.
    Ask(Life),
    /// Publish what happened to a child, and how it stands now.
    Tell {
        node: NodeId,
        path: Arc<str>,
        record: Record,
        change: ChildChange,
    },
    /// A child is gone.
    Forget(NodeId),
    /// The root has failed.
    Fatal(Arc<str>),
    /// The tree is down.
    Over(TreeReport),
}

/// What is to be looked at before an event is done with. Each look is harmless if there is nothing.
#[derive(Clone, Copy, Debug)]
enum Todo {
    /// A child that may be started now.
    Start(NodeId),
    /// A child whose end need not be waited for any more.
    Quiet(NodeId),
    /// A child whose stop may go on, as one that depends on it has ended.
    Advance(NodeId),
    /// A group with room for another start.
    Pump(NodeId),
    /// A group whose common restart may be ready.
    Round(NodeId),
    /// A group that may have run out of live children.
    Ended(NodeId),
}

/// A tree of children.
#[derive(Debug)]
pub(crate) struct Engine {
    nodes: Nodes,
    /// Who has a deadline, and when.
    due: BTreeSet<(Instant, NodeId)>,
    todo: VecDeque<Todo>,
    out: Vec<Order>,
    now: Instant,
    closing: Option<shut::Closing>,
}

impl Engine {
    /// Takes an event, and adds to `out` what is to be done.
    pub(crate) fn handle(&mut self, now: Instant, event: Event, out: &mut Vec<Order>) {
        self.now = now;
        match event {
            Event::Begin => self.begin(NodeId::ROOT),
            Event::Exited { life, exit } => self.exited(life, exit),
            Event::Last { life } => self.last(life),
            Event::Ready { life } => self.ready(life),
            Event::Beat { life, at } => self.beat(life, at),
            Event::Tick => self.tick(),
            Event::Shut { deadline } => self.shut(deadline),
            Event::Hurry => self.hurry(),
        }
        self.finish(out);
    }

    /// When [`Event::Tick`] is wanted next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The phase of a child, if there is such a one.
    pub(crate) fn phase(&self, id: NodeId) -> Option<ChildPhase> {
        self.nodes.0.get(&id).map(|node| node.phase())
    }

    fn finish(&mut self, out: &mut Vec<Order>) {
        self.work_off();
        out.append(&mut self.out);
        // What the start of thousands needed is not kept for the restart of one.
        self.out.shrink_to(KEPT);
        self.todo.shrink_to(KEPT);
    }

    fn work_off(&mut self) {
        while let Some(todo) = self.todo.pop_front() {
            let (Todo::Start(id)
            | Todo::Quiet(id)
            | Todo::Advance(id)
            | Todo::Pump(id)
            | Todo::Round(id)
            | Todo::Ended(id)) = todo;
            if !self.nodes.0.contains_key(&id) {
                continue;
            }
            match todo {
                Todo::Start(id) => self.try_start(id),
                Todo::Quiet(id) => self.quiet(id),
                Todo::Advance(id) => self.advance(id),
                Todo::Pump(id) => self.pump(id),
                Todo::Round(id) => self.finish_round(id),
                Todo::Ended(id) => self.group_ended(id),
            }
        }
    }

    fn later(&mut self, todo: Todo) {
        self.todo.push_back(todo);
    }

    /// Moves a child to a phase, and takes away what belonged to the one before.
    fn move_to(&mut self, id: NodeId, phase: ChildPhase) {
        let node = &mut self.nodes[id];
        let was = node.phase();
        // One that was stuck may have failed before, and fail now.
        let is_move = was == phase || was.may_become(phase);
        debug_assert!(is_move, "{}: {was} -> {phase}", node.path);
        node.record.phase = phase;
        node.record.next_retry = None;
        let parent = node.parent;
        self.set_due(id, None);
        let Some(parent) = parent else { return };
        let group = self.group_mut(parent);
        match was {
            ChildPhase::Starting => {
                group.starting -= 1;
                self.later(Todo::Pump(parent));
            }
            ChildPhase::Pending => {
                group.queue.remove(&id);
            }
            _ => {}
        }
        if phase == ChildPhase::Starting {
            self.group_mut(parent).starting += 1;
        }
    }

    /// Moves a child to a phase, and says so.
    fn enter(&mut self, id: NodeId, phase: ChildPhase, change: ChildChange) {
        self.move_to(id, phase);
        self.tell(id, change);
    }

    fn tell(&mut self, id: NodeId, change: ChildChange) {
        let node = &mut self.nodes[id];
        node.record.returns_in = node.returns_in();
        self.out.push(Order::Tell {
            node: id,
            path: Arc::clone(&node.path),
            record: node.record.clone(),
            change,
        });
    }

    fn set_due(&mut self, id: NodeId, due: Option<Instant>) {
        let node = &mut self.nodes[id];
        if let Some(old) = std::mem::replace(&mut node.due, due) {
            self.due.remove(&(old, id));
        }
        if let Some(due) = due {
            self.due.insert((due, id));
        }
    }

    fn group(&self, id: NodeId) -> &Group {
        match &self.nodes[id].group {
            Some(group) => group,
            None => unreachable!("a parent is a group"),
        }
    }

    fn group_mut(&mut self, id: NodeId) -> &mut Group {
        match &mut self.nodes[id].group {
            Some(group) => group,
            None => unreachable!("a parent is a group"),
        }
    }

    /// Whether the group's children are to run: it does, and so do all above it.
    fn is_up(&self, group: NodeId) -> bool {
        let mut lineage = std::iter::successors(Some(&self.nodes[group]), |node| {
            node.parent.map(|parent| &self.nodes[parent])
        });
        lineage.all(|node| node.is_live && !node.is_ending())
    }
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
