//! The commands that an operator gives for one child.

use super::end::rested;
use super::node::Then;
use super::{Engine, NodeId, Order, Todo};
use crate::event::{ChildChange, StopCause};
use crate::phase::ChildPhase;
use crate::supervisor::Decision;

/// What can be asked of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steer {
    Restart,
    Pause,
    Resume,
    Quarantine,
    Remove,
}

impl Steer {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Quarantine => "quarantine",
            Self::Remove => "remove",
        }
    }
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such child (any more).
    Unknown,
    /// The tree, or the group that the child is in, is on its way down.
    Stopping,
    /// The child is being removed.
    Removing,
    /// Other children depend on it.
    Needed(String),
    /// A child below is stuck, and may still do something.
    Stuck(String),
    /// The root can only be shut down.
    Root,
}

impl Engine {
    /// Carries out a command for a child, as far as that goes without waiting.
    pub(crate) fn steer(
        &mut self,
        now: tokio::time::Instant,
        (id, steer): (NodeId, Steer),
        out: &mut Vec<Order>,
    ) -> Result<Decision, Refusal> {
        self.now = now;
        let decision = self.decide(id, steer);
        self.finish(out);
        // A child that was to start has, unless something is in its way.
        match (decision, self.phase(id)) {
            (Ok(Decision::Queued), Some(ChildPhase::Starting | ChildPhase::Running)) => {
                Ok(Decision::Started)
            }
            (decision, _) => decision,
        }
    }

    /// Whether a child is being removed.
    pub(crate) fn is_leaving(&self, id: NodeId) -> bool {
        let node = self.nodes.0.get(&id);
        let stop = node.and_then(|node| node.stop.as_ref());
        stop.is_some_and(|stop| stop.then == Then::Remove)
    }

    fn decide(&mut self, id: NodeId, steer: Steer) -> Result<Decision, Refusal> {
        if !self.nodes.0.contains_key(&id) {
            return Err(Refusal::Unknown);
        }
        if id == NodeId::ROOT {
            return Err(Refusal::Root);
        }
        if self.is_closing() {
            return Err(Refusal::Stopping);
        }
        if let Some(stop) = &self.nodes[id].stop {
            match (&stop.then, steer) {
                (Then::Remove, Steer::Remove) => return Ok(Decision::AlreadyPending),
                (Then::Remove, _) => return Err(Refusal::Removing),
                // Its group is on its way down, and it with it.
                (Then::Rest(ChildPhase::Stopped), _) => return Err(Refusal::Stopping),
                _ => {}
            }
        }
        match steer {
            Steer::Restart => Ok(self.ask_restart(id)),
            Steer::Resume => Ok(self.ask_resume(id)),
            Steer::Pause => Ok(self.ask_rest(id, ChildPhase::Paused)),
            Steer::Quarantine => Ok(self.ask_rest(id, ChildPhase::Quarantined)),
            Steer::Remove => self.ask_removal(id),
        }
    }

    fn ask_restart(&mut self, id: NodeId) -> Decision {
        let node = &mut self.nodes[id];
        if let Some(stop) = &mut node.stop {
            let is_pending = matches!(stop.then, Then::Restart | Then::Rejoin);
            if is_pending {
                return Decision::AlreadyPending;
            }
            stop.then = Then::Restart;
            return Decision::Queued;
        }
        match node.phase() {
            ChildPhase::Pending | ChildPhase::BackingOff => Decision::AlreadyPending,
            phase if phase.is_resting() => self.revive(id),
            _ if !node.is_live || node.is_ending() => Decision::AlreadyPending,
            _ => {
                self.begin_stop(id, Then::Restart, StopCause::Command, None);
                Decision::Queued
            }
        }
    }

    fn ask_resume(&mut self, id: NodeId) -> Decision {
        let node = &mut self.nodes[id];
        if let Some(stop) = &mut node.stop {
            if let Then::Rest(phase) = stop.then
                && phase.is_held()
            {
                stop.then = Then::Restart;
                return Decision::Queued;
            }
            return Decision::Unchanged;
        }
        match node.phase().is_held() {
            true => self.revive(id),
            false => Decision::Unchanged,
        }
    }

    /// Starts a resting child in a new generation, without its history.
    fn revive(&mut self, id: NodeId) -> Decision {
        self.nodes[id].begin_anew();
        self.enter(id, ChildPhase::Pending, ChildChange::Resumed);
        self.later(Todo::Start(id));
        Decision::Queued
    }

    fn ask_rest(&mut self, id: NodeId, phase: ChildPhase) -> Decision {
        let node = &mut self.nodes[id];
        let is_same = node.phase() == phase;
        let is_graver = node.phase() == ChildPhase::Quarantined && phase == ChildPhase::Paused;
        if is_same || is_graver {
            return Decision::Unchanged;
        }
        let then = Then::Rest(phase);
        if let Some(stop) = &mut node.stop {
            if stop.then == then {
                return Decision::AlreadyPending;
            }
            stop.then = then;
            self.leave_round(id);
            return Decision::Stopping;
        }
        let is_failing = node.is_ending();
        if node.is_live && is_failing {
            // A group that fails is on its way down: this is what follows.
            self.stop_failing(id, then);
            return Decision::Stopping;
        }
        if node.is_live {
            self.begin_stop(id, then, StopCause::Command, None);
            return Decision::Stopping;
        }
        self.leave_round(id);
        self.enter(id, phase, rested(phase));
        self.settle(id);
        Decision::Done
    }

    /// Makes the stop of a group that fails one that was asked for.
    fn stop_failing(&mut self, id: NodeId, then: Then) {
        self.group_mut(id).failing = None;
        self.begin_stop(id, then, StopCause::Command, None);
    }

    fn ask_removal(&mut self, id: NodeId) -> Result<Decision, Refusal> {
        let node = &self.nodes[id];
        if !node.dependents.is_empty() {
            let names: Vec<_> = node
                .dependents
                .iter()
                .map(|dependent| format!("`{}`", self.nodes[*dependent].path))
                .collect();
            return Err(Refusal::Needed(names.join(", ")));
        }
        let node = &mut self.nodes[id];
        if let Some(stop) = &mut node.stop {
            stop.then = Then::Remove;
            self.leave_round(id);
            return Ok(Decision::Stopping);
        }
        if node.is_live && node.is_ending() {
            self.stop_failing(id, Then::Remove);
            return Ok(Decision::Stopping);
        }
        if node.is_live {
            self.begin_stop(id, Then::Remove, StopCause::Command, None);
            return Ok(Decision::Stopping);
        }
        if let Some(stuck) = self.stuck_below(id) {
            return Err(Refusal::Stuck(self.nodes[stuck].path.to_string()));
        }
        self.remove(id);
        Ok(Decision::Done)
    }
}
