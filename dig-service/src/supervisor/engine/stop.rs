//! Stopping: token, grace, abort, a short grace, and then it is stuck.

use std::time::Duration;

use tokio::time::Instant;

use super::node::{Stage, Stop, Then};
use super::{Engine, NodeId, Order, Todo};
use crate::decl::Rules;
use crate::event::{ChildChange, StopCause};
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;

/// How long an abort may take to act, destructors included.
const ABORT_GRACE: Duration = Duration::from_secs(1);

impl Engine {
    /// Begins to stop a live child: after those of its dependents that are being stopped as well.
    pub(super) fn begin_stop(
        &mut self,
        id: NodeId,
        then: Then,
        cause: StopCause,
        deadline: Option<Instant>,
    ) {
        let node = &mut self.nodes[id];
        debug_assert!(node.is_live && node.stop.is_none(), "{}", node.path);
        node.stop = Some(Box::new(Stop {
            then,
            cause,
            stage: Stage::Waiting,
            grace: ABORT_GRACE,
            deadline,
        }));
        node.is_ready = false;
        if node.phase() != ChildPhase::Stopping {
            self.move_to(id, ChildPhase::Stopping);
        }
        self.tell(id, ChildChange::Stopping { cause });
        self.later(Todo::Advance(id));
    }

    /// Tells a child to stop, if it is its turn.
    pub(super) fn advance(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        let Some(stop) = &node.stop else { return };
        let is_awaited = |dependent: &NodeId| {
            let dependent = &self.nodes[*dependent];
            !dependent.is_quiet() && dependent.stop.is_some()
        };
        if stop.stage == Stage::Waiting && !node.dependents.iter().any(is_awaited) {
            self.tell_to_stop(id);
        }
    }

    pub(super) fn tell_to_stop(&mut self, id: NodeId) {
        let node = &mut self.nodes[id];
        let (life, is_group) = (node.life(), node.group.is_some());
        let Some(stop) = &mut node.stop else { return };
        stop.stage = Stage::Told;
        let cause = stop.cause;
        if is_group {
            self.bring_down(id, self.share(id), cause);
            self.later(Todo::Ended(id));
        } else {
            self.out.push(Order::Cancel { life, cause });
            self.set_grace(id);
        }
    }

    /// When a child that is told now must be gone, if there is a deadline: those that it depends on
    /// are due their share of what is left.
    fn share(&self, id: NodeId) -> Option<Instant> {
        let node = &self.nodes[id];
        let deadline = node.stop.as_ref().and_then(|stop| stop.deadline);
        let share = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(self.now);
            self.now + left / (node.level + 1)
        });
        let own = match node.group {
            Some(_) => node.rules.stop_budget,
            None => None,
        };
        let own = own.and_then(|budget| self.now.checked_add(budget));
        match (share, own) {
            (Some(share), Some(own)) => Some(share.min(own)),
            (share, own) => share.or(own),
        }
    }

    /// Sets when a child that was told is aborted.
    fn set_grace(&mut self, id: NodeId) {
        let share = self.share(id);
        let left = share.map(|share| share.saturating_duration_since(self.now));
        let node = &mut self.nodes[id];
        let budget = node.rules.stop_budget.unwrap_or(Rules::STOP_BUDGET);
        let Some(stop) = &mut node.stop else { return };
        stop.grace = left.map_or(ABORT_GRACE, |left| ABORT_GRACE.min(left / 4));
        let grace = left.map_or(budget, |left| budget.min(left.saturating_sub(stop.grace)));
        let due = self.now.checked_add(grace);
        let due = match node.due {
            Some(earlier) => due.map(|due| due.min(earlier)),
            None => due,
        };
        self.set_due(id, due);
    }

    /// Goes on with a stop whose time is over.
    pub(super) fn escalate(&mut self, id: NodeId) {
        let now = self.now;
        let node = &mut self.nodes[id];
        let life = node.life();
        let Some(stop) = &mut node.stop else { return };
        match stop.stage {
            Stage::Waiting | Stage::Stuck => {}
            Stage::Told => {
                stop.stage = Stage::Aborted;
                // The rest of the grace is for destructors, once protection is over.
                let due = now.checked_add(stop.grace / 4 * 3);
                self.out.push(Order::Abort(life));
                self.tell(id, ChildChange::Aborted);
                self.set_due(id, due);
            }
            Stage::Aborted => {
                stop.stage = Stage::Forced;
                let due = now.checked_add(stop.grace / 4);
                self.out.push(Order::Force(life));
                self.set_due(id, due);
            }
            Stage::Forced => self.stick(id),
        }
    }

    /// Nothing can end this child: it is left behind, and never started beside (I42).
    pub(super) fn stick(&mut self, id: NodeId) {
        self.note_stuck(id);
        let node = &mut self.nodes[id];
        node.record.is_stuck = true;
        if let Some(stop) = &mut node.stop {
            stop.stage = Stage::Stuck;
        }
        if let Some(parent) = self.nodes[id].parent {
            self.group_mut(parent).live -= 1;
        }
        self.enter(id, ChildPhase::Failed, ChildChange::Stuck);
        self.settle(id);
        self.later(Todo::Quiet(id));
    }

    /// Stops all children of a group, the last one first.
    pub(super) fn bring_down(&mut self, id: NodeId, deadline: Option<Instant>, cause: StopCause) {
        let children: Vec<_> = self.group(id).children.iter().rev().copied().collect();
        self.group_mut(id).round = None;
        // All are marked before any is told, so that none is told before its dependents.
        for child in children {
            self.lay_down(child, deadline, cause);
        }
    }

    /// Stops a child that is not to be started again.
    pub(super) fn lay_down(&mut self, id: NodeId, deadline: Option<Instant>, cause: StopCause) {
        let node = &mut self.nodes[id];
        if let Some(stop) = &mut node.stop {
            if let Then::Judge(kind) = &stop.then {
                node.record.failures += 1;
                node.record.last_exit = Some(kind.clone());
            }
            if matches!(stop.then, Then::Restart | Then::Rejoin | Then::Judge(_)) {
                stop.then = Then::Rest(ChildPhase::Stopped);
            }
            let is_stuck_group = stop.stage == Stage::Stuck && node.group.is_some();
            self.hasten(id, deadline);
            if is_stuck_group {
                // Children of it that are not stuck may wait for it to start.
                self.bring_down(id, deadline, cause);
            }
        } else if node.is_live {
            self.begin_stop(id, Then::Rest(ChildPhase::Stopped), cause, deadline);
        } else {
            let is_resting = node.phase().is_resting();
            if node.group.is_some() {
                // Children may wait for it to start.
                self.bring_down(id, deadline, cause);
            }
            if !is_resting {
                self.enter(id, ChildPhase::Stopped, ChildChange::Stopped);
                self.settle(id);
            }
        }
    }

    /// Gives a stop that is under way a deadline, unless it has an earlier one.
    pub(super) fn hasten(&mut self, id: NodeId, deadline: Option<Instant>) {
        let node = &mut self.nodes[id];
        let Some(stop) = &mut node.stop else { return };
        let is_earlier = deadline.is_some_and(|new| stop.deadline.is_none_or(|old| new < old));
        if !is_earlier {
            return;
        }
        stop.deadline = deadline;
        let cause = stop.cause;
        if stop.stage != Stage::Told {
            return;
        }
        if node.group.is_some() {
            self.bring_down(id, self.share(id), cause);
        } else {
            self.set_grace(id);
        }
    }

    /// A child has not done what it must: it is stopped, and judged by what it failed to do.
    pub(super) fn fault(&mut self, id: NodeId, kind: ChildExit) {
        let change = match kind {
            ChildExit::Hung => ChildChange::Hung,
            _ => ChildChange::StartTimedOut,
        };
        self.enter(id, ChildPhase::Stopping, change);
        self.begin_stop(id, Then::Judge(kind), StopCause::Fault, None);
    }
}
