//! The end of an attempt, and what follows by the child's rules.

use std::sync::Arc;

use super::node::Then;
use super::{Engine, Life, NodeId, Order, Todo};
use crate::decl::{OnGiveUp, RestartPolicy, Strategy};
use crate::event::ChildChange;
use crate::phase::ChildPhase;
use crate::supervisor::ChildExit;

impl Engine {
    /// An attempt is over.
    pub(super) fn exited(&mut self, life: Life, exit: ChildExit) {
        if self.is_current(life) {
            self.ended(life.node, exit);
        }
    }

    /// No start is to follow an attempt.
    pub(super) fn last(&mut self, life: Life) {
        if let Some(node) = self.nodes.0.get_mut(&life.node)
            && node.life() == life
        {
            node.is_last = true;
        }
    }

    /// A child, or a group with all its children, is over.
    pub(super) fn ended(&mut self, id: NodeId, exit: ChildExit) {
        let node = &mut self.nodes[id];
        let was_stuck = std::mem::take(&mut node.record.is_stuck);
        (node.is_live, node.is_ready) = (false, false);
        let (stop, parent) = (node.stop.take(), node.parent);
        self.set_due(id, None);
        let Some(parent) = parent else {
            return self.root_ended(exit);
        };
        if !was_stuck {
            self.group_mut(parent).live -= 1;
            self.note_end(id, &exit);
        }
        match stop {
            None => {
                let change = change_of(&exit);
                self.judge(id, exit, change);
            }
            Some(stop) => self.after_stop(id, stop.then, exit),
        }
        self.later(Todo::Quiet(id));
        // The child may be gone, and its group waits for it all the same.
        self.later(Todo::Ended(parent));
    }

    fn after_stop(&mut self, id: NodeId, then: Then, exit: ChildExit) {
        if let Then::Judge(kind) = then {
            // What was wrong was told when the stop began.
            return self.judge(id, kind, ChildChange::Stopped);
        }
        // What it was asked to do is no completion.
        let exit = match exit {
            ChildExit::Completed => ChildExit::Cancelled,
            other => other,
        };
        let fault = exit.is_failure().then(|| change_of(&exit));
        self.count(id, exit);
        let (phase, change) = match &then {
            Then::Rest(phase) => (*phase, rested(*phase)),
            _ => (ChildPhase::Pending, ChildChange::Queued),
        };
        if then == Then::Remove {
            return self.remove(id);
        }
        if then == Then::Restart {
            self.nodes[id].begin_anew();
        }
        self.move_to(id, phase);
        if let Some(fault) = fault {
            self.tell(id, fault);
        }
        self.tell(id, change);
        if phase == ChildPhase::Pending {
            self.later(Todo::Start(id));
        } else {
            self.settle(id);
        }
    }

    /// Decides what follows an end that nobody asked for.
    fn judge(&mut self, id: NodeId, exit: ChildExit, change: ChildChange) {
        let node = &self.nodes[id];
        let is_wanted = match node.rules.policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => exit != ChildExit::Completed,
            RestartPolicy::Never => false,
        };
        let is_up = node.parent.is_some_and(|parent| self.is_up(parent));
        let is_fatal = node.rules.is_essential && exit.is_failure();
        let is_last = node.is_last;
        let cause: Arc<str> = exit.to_string().into();
        let rests_as = match exit.is_failure() {
            true => ChildPhase::Failed,
            false => ChildPhase::Stopped,
        };
        self.count(id, exit);
        // I34: a stop disables restarts first.
        if !is_up || is_last || !(is_wanted || is_fatal) {
            self.enter(id, rests_as, change);
            self.start_dependents(id);
            self.settle(id);
        } else if is_wanted {
            self.restart(id, change, &cause);
        } else {
            self.give_up(id, change, &cause);
        }
    }

    /// Starts a child again, and others with it as the strategy says, unless it is one too many.
    fn restart(&mut self, id: NodeId, change: ChildChange, cause: &Arc<str>) {
        let now = self.now;
        let node = &mut self.nodes[id];
        let ran = node.ready_at.take();
        let ran = ran.map_or_else(Default::default, |at| now.saturating_duration_since(at));
        if ran >= node.rules.backoff.stable_for() {
            node.in_a_row = 0;
        }
        node.in_a_row = node.in_a_row.saturating_add(1);
        let intensity = node.rules.intensity;
        if !node.restarts.admit(intensity, now) {
            let cause = format!("{intensity} were not enough; at last it {cause}");
            return self.give_up(id, change, &cause.into());
        }
        if intensity.limit().is_some() {
            node.record.restarted_at = node.restarts.shared();
        }
        let delay = node.rules.backoff.delay(node.in_a_row, &mut node.jitter);
        let Some(parent) = node.parent else { return };
        let group = self.group_mut(parent);
        if let Some(intensity) = group.intensity
            && !group.restarts.admit(intensity, now)
        {
            let cause = format!(
                "{intensity} of its children were not enough; the last was `{}`, which {cause}",
                self.nodes[id].path
            );
            self.enter(id, ChildPhase::Failed, change);
            return self.fail_group(parent, cause.into());
        }
        let strategy = group.strategy;
        if delay.is_zero() {
            self.enter(id, ChildPhase::Pending, change);
        } else {
            self.move_to(id, ChildPhase::BackingOff);
            let due = now.checked_add(delay);
            self.nodes[id].record.next_retry = due;
            self.set_due(id, due);
            self.tell(id, change);
            self.tell(id, ChildChange::BackingOff { delay });
        }
        match strategy {
            Strategy::OneForOne => self.later(Todo::Start(id)),
            Strategy::OneForAll | Strategy::RestForOne => self.begin_round(parent, id),
        }
    }

    fn give_up(&mut self, id: NodeId, change: ChildChange, cause: &Arc<str>) {
        let node = &self.nodes[id];
        let (rule, parent, path) = (node.rules.on_give_up, node.parent, Arc::clone(&node.path));
        let phase = match rule {
            OnGiveUp::Quarantine => ChildPhase::Quarantined,
            OnGiveUp::Escalate | OnGiveUp::Ignore => ChildPhase::Failed,
        };
        self.enter(id, phase, change);
        self.tell(
            id,
            ChildChange::GivenUp {
                cause: Arc::clone(cause),
            },
        );
        if rule == OnGiveUp::Quarantine {
            self.tell(id, ChildChange::Quarantined);
        }
        self.settle(id);
        if let (OnGiveUp::Escalate, Some(parent)) = (rule, parent) {
            self.fail_group(parent, format!("child `{path}`: {cause}").into());
        }
    }

    fn count(&mut self, id: NodeId, exit: ChildExit) {
        let record = &mut self.nodes[id].record;
        match exit {
            ChildExit::Completed => record.completions += 1,
            ChildExit::Cancelled => {}
            _ => record.failures += 1,
        }
        record.last_exit = Some(exit);
    }

    /// The whole tree is over.
    fn root_ended(&mut self, exit: ChildExit) {
        let id = NodeId::ROOT;
        if let ChildExit::Failed(cause) = exit {
            self.move_to(id, ChildPhase::Failed);
            let told = Arc::clone(&cause);
            self.tell(id, ChildChange::GivenUp { cause: told });
            self.out.push(Order::Fatal(cause));
        } else {
            self.enter(id, ChildPhase::Stopped, ChildChange::Stopped);
        }
        self.finish_closing();
    }
}

/// What is told of an exit.
fn change_of(exit: &ChildExit) -> ChildChange {
    match exit {
        ChildExit::Completed => ChildChange::Completed,
        ChildExit::Failed(error) => ChildChange::Failed {
            error: Arc::clone(error),
        },
        ChildExit::Panicked(message) => ChildChange::Panicked {
            message: Arc::clone(message),
        },
        ChildExit::Cancelled => ChildChange::Aborted,
        ChildExit::TimedOut => ChildChange::StartTimedOut,
        ChildExit::Hung => ChildChange::Hung,
    }
}

/// What is told of a child that rests from now on.
pub(super) fn rested(phase: ChildPhase) -> ChildChange {
    match phase {
        ChildPhase::Paused => ChildChange::Paused,
        ChildPhase::Quarantined => ChildChange::Quarantined,
        _ => ChildChange::Stopped,
    }
}
