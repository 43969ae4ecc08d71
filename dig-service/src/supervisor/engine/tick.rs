//! What is due.

use tokio::time::Instant;

use super::start::next_look;
use super::{Engine, Life, NodeId, Order, Todo};
use crate::event::ChildChange;
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;

impl Engine {
    /// Does all that is due.
    pub(super) fn tick(&mut self) {
        while let Some(&(at, id)) = self.due.first() {
            if at > self.now {
                return;
            }
            self.set_due(id, None);
            self.on_due(id);
            self.work_off();
        }
    }

    fn on_due(&mut self, id: NodeId) {
        match self.nodes[id].phase() {
            ChildPhase::BackingOff => self.delay_over(id),
            ChildPhase::Starting => self.fault(id, ChildExit::TimedOut),
            ChildPhase::Running => {
                let life = self.nodes[id].life();
                self.out.push(Order::Ask(life));
            }
            ChildPhase::Stopping => self.escalate(id),
            ChildPhase::Pending
            | ChildPhase::Stopped
            | ChildPhase::Failed
            | ChildPhase::Paused
            | ChildPhase::Quarantined => {}
        }
    }

    fn delay_over(&mut self, id: NodeId) {
        self.enter(id, ChildPhase::Pending, ChildChange::Queued);
        let Some(parent) = self.nodes[id].parent else {
            return;
        };
        if let Some(round) = &mut self.group_mut(parent).round {
            round.waiting.remove(&id);
        }
        self.later(Todo::Round(parent));
        self.later(Todo::Start(id));
    }

    /// The latest sign of life of an attempt came at `at`.
    pub(super) fn beat(&mut self, life: Life, at: Instant) {
        let Some(node) = self.nodes.0.get(&life.node) else {
            return;
        };
        let is_asked = node.life() == life && node.phase() == ChildPhase::Running;
        let Some(limit) = node.rules.heartbeat.filter(|_| is_asked) else {
            return;
        };
        // The first limit counts from the moment the child became ready.
        let at = node.ready_at.map_or(at, |ready| ready.max(at));
        if self.now.saturating_duration_since(at) > limit {
            self.fault(life.node, ChildExit::Hung);
        } else {
            self.set_due(life.node, next_look(at, limit));
        }
    }
}
