//! Restarts of several children at once, and the failure of a whole group.

use std::sync::Arc;

use super::node::{Round, Stage, Then};
use super::{Engine, NodeId, Todo};
use crate::decl::Strategy;
use crate::event::{ChildChange, StopCause};
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;

impl Engine {
    /// Stops the siblings that are to start again with `leader` (I40).
    pub(super) fn begin_round(&mut self, parent: NodeId, leader: NodeId) {
        let group = self.group_mut(parent);
        let members: Vec<_> = match group.strategy {
            Strategy::RestForOne => group.children.range(leader..).copied().collect(),
            _ => group.children.iter().copied().collect(),
        };
        let mut round = group.round.take().unwrap_or_default();
        for member in members.into_iter().rev() {
            if member == leader {
                round.members.insert(member);
                if self.nodes[member].phase() == ChildPhase::BackingOff {
                    round.waiting.insert(member);
                }
            } else if self.bring_along(member) {
                round.members.insert(member);
                round.waiting.remove(&member);
                if !self.nodes[member].is_quiet() {
                    round.waiting.insert(member);
                }
            }
        }
        self.group_mut(parent).round = Some(round);
        self.later(Todo::Round(parent));
    }

    /// Makes a sibling stop to be started again; `false` if it takes no part.
    fn bring_along(&mut self, id: NodeId) -> bool {
        let node = &mut self.nodes[id];
        if let Some(stop) = &mut node.stop {
            let is_to_start = matches!(stop.then, Then::Restart | Then::Rejoin | Then::Judge(_));
            if is_to_start {
                stop.then = Then::Rejoin;
            }
            return is_to_start;
        }
        if node.phase().is_held() {
            return false;
        }
        if node.is_live {
            self.begin_stop(id, Then::Rejoin, StopCause::Group, None);
        } else if node.phase() != ChildPhase::Pending {
            // One that waits in its own backoff loses its timer.
            self.enter(id, ChildPhase::Pending, ChildChange::Queued);
        }
        true
    }

    /// Starts the members of a round, once all have stopped and no delay is left.
    pub(super) fn finish_round(&mut self, parent: NodeId) {
        let group = self.group_mut(parent);
        let is_ready = |round: &mut Round| round.waiting.is_empty();
        if let Some(round) = group.round.take_if(is_ready) {
            self.todo.extend(round.members.into_iter().map(Todo::Start));
        }
    }

    /// Takes a child out of the round it is in, as something else was decided for it. Its end is
    /// awaited all the same.
    pub(super) fn leave_round(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        let is_quiet = node.is_quiet();
        let Some(parent) = node.parent else {
            return;
        };
        if let Some(round) = &mut self.group_mut(parent).round {
            round.members.remove(&id);
            if is_quiet {
                round.waiting.remove(&id);
            }
            self.later(Todo::Round(parent));
        }
    }

    /// A child's end need not be waited for any more.
    pub(super) fn quiet(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        let is_backing_off = node.phase() == ChildPhase::BackingOff;
        let dependencies = node.dependencies.iter();
        self.todo
            .extend(dependencies.map(|dependency| Todo::Advance(*dependency)));
        let Some(parent) = node.parent else { return };
        if let Some(round) = &mut self.group_mut(parent).round
            && !is_backing_off
            && round.waiting.remove(&id)
        {
            self.later(Todo::Round(parent));
        }
        let mut above = Some(parent);
        while let Some(group) = above {
            self.later(Todo::Ended(group));
            above = self.nodes[group].parent;
        }
    }

    /// The group fails: its children are stopped, then it is over itself (I39).
    pub(super) fn fail_group(&mut self, id: NodeId, cause: Arc<str>) {
        if !self.is_up(id) {
            return;
        }
        let group = self.group_mut(id);
        group.failing = Some(cause);
        group.round = None;
        self.nodes[id].is_ready = false;
        let cause = StopCause::Escalation;
        self.enter(id, ChildPhase::Stopping, ChildChange::Stopping { cause });
        self.bring_down(id, None, cause);
        self.later(Todo::Ended(id));
    }

    /// A child somewhere below that is stuck, if there is one.
    pub(super) fn stuck_below(&self, id: NodeId) -> Option<NodeId> {
        let group = self.nodes[id].group.as_ref()?;
        group.children.iter().find_map(|child| {
            let node = &self.nodes[*child];
            let is_it = node.group.is_none() && node.is_live;
            is_it.then_some(*child).or_else(|| self.stuck_below(*child))
        })
    }

    /// Ends a group whose children have ended, if that is what it waits for.
    pub(super) fn group_ended(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        let Some(group) = &node.group else { return };
        if !node.is_live || group.live > 0 {
            return;
        }
        if let Some(stop) = &node.stop {
            let is_told = stop.stage != Stage::Waiting;
            if !is_told {
                return;
            }
            // Two copies would live if the names were free while one is stuck.
            let is_gone = stop.then != Then::Remove || self.stuck_below(id).is_none();
            if is_gone {
                self.group_mut(id).failing = None;
                self.ended(id, ChildExit::Cancelled);
            } else if !node.record.is_stuck {
                self.stick(id);
            }
        } else if let Some(cause) = self.group_mut(id).failing.take() {
            self.ended(id, ChildExit::Failed(cause));
        }
    }
}
