//! The end of the whole tree.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::node::{Stage, Stop, Then};
use super::{Engine, NodeId, Order, Todo};
use crate::event::{ChildChange, StopCause};
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;
use crate::supervisor::report::{ChildStop, StopHow, TreeReport};

/// A shutdown that is under way, or over.
#[derive(Debug)]
pub(super) struct Closing {
    began: Instant,
    /// `None` once it is over.
    report: Option<TreeReport>,
}

impl Engine {
    /// Whether commands are refused, as the tree is on its way down.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_some() || !self.is_up(NodeId::ROOT)
    }

    /// Stops everything.
    pub(super) fn shut(&mut self, deadline: Option<Instant>) {
        let cause = StopCause::Shutdown;
        if self.closing.is_some() {
            return self.hasten(NodeId::ROOT, deadline);
        }
        self.closing = Some(Closing {
            began: self.now,
            report: Some(TreeReport::default()),
        });
        let ids: Vec<_> = self.nodes.0.keys().copied().collect();
        for id in ids {
            let node = &self.nodes[id];
            if node.group.is_none() && node.record.is_stuck {
                self.note(id, StopHow::Stuck);
            } else if node.group.is_none() && !node.is_live {
                self.note(id, StopHow::AlreadyStopped);
            }
        }
        let root = &mut self.nodes[NodeId::ROOT];
        if !root.is_live {
            if !root.phase().is_resting() {
                self.enter(NodeId::ROOT, ChildPhase::Stopped, ChildChange::Stopped);
            }
            return self.finish_closing();
        }
        let then = Then::Rest(ChildPhase::Stopped);
        if root.phase() == ChildPhase::Stopping {
            // It fails already: what is left of it has until the deadline.
            root.stop = Some(Box::new(Stop {
                then,
                cause,
                stage: Stage::Told,
                grace: Duration::ZERO,
                deadline,
            }));
            self.bring_down(NodeId::ROOT, deadline, cause);
            self.later(Todo::Ended(NodeId::ROOT));
        } else {
            self.begin_stop(NodeId::ROOT, then, cause, deadline);
        }
    }

    /// Aborts all that is still to stop.
    pub(super) fn hurry(&mut self) {
        let mut ids: Vec<_> = self.nodes.0.keys().copied().collect();
        // Groups before their children, which are told by them.
        ids.sort_unstable();
        for id in ids {
            let stage = |engine: &Self| engine.nodes[id].stop.as_ref().map(|stop| stop.stage);
            if stage(self) == Some(Stage::Waiting) {
                self.tell_to_stop(id);
            }
            if stage(self) == Some(Stage::Told) && self.nodes[id].group.is_none() {
                self.set_due(id, None);
                self.escalate(id);
            }
        }
    }

    /// Notes how a child came down, if that is what all do.
    pub(super) fn note_end(&mut self, id: NodeId, exit: &ChildExit) {
        let node = &self.nodes[id];
        if node.group.is_some() {
            return;
        }
        // I22: what it returned in the end counts.
        let how = match exit {
            ChildExit::Cancelled => StopHow::Aborted,
            _ => StopHow::Graceful,
        };
        self.note(id, how);
    }

    /// Notes a child that does not come down, if that is what all do.
    pub(super) fn note_stuck(&mut self, id: NodeId) {
        if self.nodes[id].group.is_none() {
            self.note(id, StopHow::Stuck);
        }
    }

    fn note(&mut self, id: NodeId, how: StopHow) {
        let node = &self.nodes[id];
        let now = self.now;
        let Some(closing) = &mut self.closing else {
            return;
        };
        let took = now.saturating_duration_since(closing.began);
        let took = match how {
            StopHow::AlreadyStopped => Duration::ZERO,
            _ => took,
        };
        if let Some(report) = &mut closing.report {
            report.children.push(ChildStop {
                path: Arc::clone(&node.path),
                generation: node.record.generation,
                how,
                took,
            });
        }
    }

    /// Hands over the report, once the root is down.
    pub(super) fn finish_closing(&mut self) {
        let now = self.now;
        if let Some(closing) = &mut self.closing
            && let Some(mut report) = closing.report.take()
        {
            report.took = now.saturating_duration_since(closing.began);
            self.out.push(Order::Over(report));
        }
    }
}
