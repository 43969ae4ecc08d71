//! Starting: in the order of declaration, after those that a child depends on, a few at a time.

use super::node::{Node, Then};
use super::{Engine, Life, NodeId, Order, Todo};
use crate::decl::Readiness;
use crate::event::ChildChange;
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;

impl Engine {
    /// Starts a child, if nothing is in the way.
    pub(super) fn try_start(&mut self, id: NodeId) {
        if !self.may_start(id) {
            return;
        }
        let Some(parent) = self.nodes[id].parent else {
            return;
        };
        let group = self.group_mut(parent);
        if group
            .max_starts
            .is_some_and(|max| group.starting >= max.get())
        {
            group.queue.insert(id);
            return;
        }
        self.begin(id);
    }

    fn may_start(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        let Some(parent) = node.parent else {
            return false;
        };
        let round = self.group(parent).round.as_ref();
        node.phase() == ChildPhase::Pending
            && self.is_up(parent)
            && !round.is_some_and(|round| round.members.contains(&id))
            && node
                .dependencies
                .iter()
                .all(|dependency| is_satisfied(&self.nodes[*dependency]))
    }

    /// Starts the next children that wait for their turn.
    pub(super) fn pump(&mut self, parent: NodeId) {
        loop {
            let group = self.group_mut(parent);
            if group
                .max_starts
                .is_some_and(|max| group.starting >= max.get())
            {
                return;
            }
            let Some(id) = group.queue.pop_first() else {
                return;
            };
            self.try_start(id);
        }
    }

    /// Starts a child.
    pub(super) fn begin(&mut self, id: NodeId) {
        let now = self.now;
        let node = &mut self.nodes[id];
        // I35: one that is pending has no attempt that is not over.
        debug_assert!(!node.is_live, "{}", node.path);
        if std::mem::take(&mut node.record.is_fresh) {
            node.record.generation += 1;
            node.record.attempt = 0;
        }
        node.record.attempt += 1;
        node.record.starts += 1;
        node.record.started_at = Some(now);
        (node.is_live, node.is_ready, node.is_last) = (true, false, false);
        node.ready_at = None;
        let (life, parent, readiness) = (node.life(), node.parent, node.rules.readiness);
        let is_group = node.group.is_some();
        let change = match node.record.starts {
            1 => ChildChange::Started,
            _ => ChildChange::Restarted,
        };
        if let Some(parent) = parent {
            self.group_mut(parent).live += 1;
        }
        if is_group {
            self.enter(id, ChildPhase::Starting, change);
            self.open_group(id);
            return;
        }
        self.out.push(Order::Spawn(life));
        match readiness {
            Readiness::Immediate => {
                self.enter(id, ChildPhase::Running, change);
                self.became_ready(id);
            }
            Readiness::Explicit { deadline } => {
                self.enter(id, ChildPhase::Starting, change);
                self.set_due(id, now.checked_add(deadline));
            }
        }
    }

    /// Makes all children of a group ready to be started, each with a clean history.
    fn open_group(&mut self, id: NodeId) {
        let children: Vec<_> = self.group(id).children.iter().copied().collect();
        let mut unsettled = 0;
        for child in &children {
            let node = &mut self.nodes[*child];
            node.is_settled = true;
            if node.phase().is_held() {
                continue;
            }
            if let Some(stop) = &mut node.stop {
                // Stuck in the life before: once it is gone, it takes part in this one.
                if stop.then == Then::Rest(ChildPhase::Stopped) {
                    stop.then = Then::Restart;
                }
                continue;
            }
            node.is_settled = false;
            unsettled += 1;
            node.begin_anew();
            if node.phase() != ChildPhase::Pending {
                self.enter(*child, ChildPhase::Pending, ChildChange::Queued);
            }
            self.later(Todo::Start(*child));
        }
        let group = self.group_mut(id);
        group.unsettled = unsettled;
        group.round = None;
        if unsettled == 0 {
            self.group_ready(id);
        }
    }

    /// An attempt says that it is ready.
    pub(super) fn ready(&mut self, life: Life) {
        if !self.is_current(life) {
            return;
        }
        if self.nodes[life.node].phase() == ChildPhase::Starting {
            self.enter(life.node, ChildPhase::Running, ChildChange::Ready);
            self.became_ready(life.node);
        }
    }

    fn became_ready(&mut self, id: NodeId) {
        let now = self.now;
        let node = &mut self.nodes[id];
        node.is_ready = true;
        node.ready_at = Some(now);
        let due = node.rules.heartbeat.and_then(|limit| next_look(now, limit));
        self.set_due(id, due);
        self.start_dependents(id);
        self.settle(id);
    }

    /// Those that depend on the child may start now.
    pub(super) fn start_dependents(&mut self, id: NodeId) {
        let dependents = &self.nodes[id].dependents;
        self.todo
            .extend(dependents.iter().map(|dependent| Todo::Start(*dependent)));
    }

    /// The group waits for this child no longer before it is ready.
    pub(super) fn settle(&mut self, id: NodeId) {
        let node = &mut self.nodes[id];
        let Some(parent) = node.parent else { return };
        if std::mem::replace(&mut node.is_settled, true) {
            return;
        }
        let group = self.group_mut(parent);
        group.unsettled -= 1;
        if group.unsettled == 0 {
            self.group_ready(parent);
        }
    }

    fn group_ready(&mut self, id: NodeId) {
        if self.nodes[id].phase() == ChildPhase::Starting && self.is_up(id) {
            self.enter(id, ChildPhase::Running, ChildChange::Ready);
            self.became_ready(id);
        }
    }

    /// Whether it is of this attempt that something is told; what is not, is recorded.
    pub(super) fn is_current(&mut self, life: Life) -> bool {
        let Some(node) = self.nodes.0.get(&life.node) else {
            return false;
        };
        let is_current = node.is_live && node.life() == life && node.group.is_none();
        if !is_current {
            self.tell(life.node, ChildChange::Stale);
        }
        is_current
    }
}

/// When a sign of life that came at `at` is older than the limit.
pub(super) fn next_look(
    at: tokio::time::Instant,
    limit: std::time::Duration,
) -> Option<tokio::time::Instant> {
    at.checked_add(limit.saturating_add(std::time::Duration::from_millis(1)))
}

/// Whether those that depend on this child may start: it is ready, or its work is done.
fn is_satisfied(node: &Node) -> bool {
    let is_done =
        node.phase() == ChildPhase::Stopped && node.record.last_exit == Some(ChildExit::Completed);
    node.is_ready || is_done
}
