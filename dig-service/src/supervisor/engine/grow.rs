//! Children that come and go.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::time::Instant;

use super::node::{Group, Node, Nodes, Record};
use super::{Engine, NodeId, Order, Refusal, Todo};
use crate::decl::{Intensity, Jitter, Restarts, Rules, Strategy};
use crate::event::ChildChange;

/// A child as it was declared, checked: unique names, dependencies that are there, no cycle.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Greater than all that were given before.
    pub(crate) id: NodeId,
    pub(crate) path: Arc<str>,
    pub(crate) rules: Arc<Rules>,
    /// The words it can be found by: for who publishes it.
    pub(crate) tags: Arc<[Arc<str>]>,
    pub(crate) jitter: Jitter,
    pub(crate) dependencies: Vec<NodeId>,
    /// How many of those that were declared with it depend on one another below it.
    pub(crate) level: u32,
    /// A supervisor has it.
    pub(crate) group: Option<GroupPlan>,
}

/// A supervisor as it was declared.
#[derive(Debug, Default)]
pub(crate) struct GroupPlan {
    pub(crate) strategy: Strategy,
    pub(crate) intensity: Option<Intensity>,
    pub(crate) max_starts: Option<NonZeroUsize>,
    pub(crate) children: Vec<Plan>,
}

impl Engine {
    /// Makes a tree; its root is a supervisor with the id [`NodeId::ROOT`].
    pub(crate) fn plant_tree(root: Plan, now: Instant) -> Self {
        let mut engine = Self {
            nodes: Nodes::default(),
            due: BTreeSet::new(),
            todo: VecDeque::new(),
            out: Vec::new(),
            now,
            closing: None,
        };
        engine.plant(None, root);
        engine.out.clear();
        engine
    }

    /// Takes in a child of a group that exists.
    pub(crate) fn add(
        &mut self,
        now: Instant,
        (parent, plan): (NodeId, Plan),
        out: &mut Vec<Order>,
    ) -> Result<(), Refusal> {
        self.now = now;
        if self.is_closing() {
            return Err(Refusal::Stopping);
        }
        if self
            .nodes
            .0
            .get(&parent)
            .is_none_or(|node| node.group.is_none())
        {
            return Err(Refusal::Unknown);
        }
        let id = plan.id;
        self.plant(Some(parent), plan);
        self.later(Todo::Start(id));
        self.finish(out);
        Ok(())
    }

    fn plant(&mut self, parent: Option<NodeId>, plan: Plan) {
        let id = plan.id;
        let (group, below) = match plan.group {
            Some(group) => {
                let (group, below) = empty(group);
                (Some(Box::new(group)), below)
            }
            None => (None, Vec::new()),
        };
        let node = Node {
            id,
            parent,
            path: plan.path,
            rules: plan.rules,
            group,
            dependencies: Vec::new(),
            dependents: Vec::new(),
            level: plan.level,
            record: Record::new(),
            is_live: false,
            is_ready: false,
            ready_at: None,
            is_settled: true,
            is_last: false,
            stop: None,
            restarts: Restarts::default(),
            in_a_row: 0,
            jitter: plan.jitter,
            due: None,
        };
        self.nodes.0.insert(id, Box::new(node));
        self.tell(id, ChildChange::Added);
        if let Some(parent) = parent {
            let group = self.group_mut(parent);
            group.children.insert(id);
            self.depend(id, &plan.dependencies);
        }
        self.plant_all(id, below);
    }

    /// Takes in children that may depend on one another, in whatever order.
    fn plant_all(&mut self, parent: NodeId, mut plans: Vec<Plan>) {
        let dependencies: Vec<_> = plans
            .iter_mut()
            .map(|plan| (plan.id, std::mem::take(&mut plan.dependencies)))
            .collect();
        for plan in plans {
            self.plant(Some(parent), plan);
        }
        for (id, dependencies) in &dependencies {
            self.depend(*id, dependencies);
        }
    }

    /// Ties a child to those it depends on.
    fn depend(&mut self, id: NodeId, dependencies: &[NodeId]) {
        for &dependency in dependencies {
            let level = self.nodes[dependency].level + 1;
            self.nodes[dependency].dependents.push(id);
            let node = &mut self.nodes[id];
            node.dependencies.push(dependency);
            node.level = node.level.max(level);
        }
    }

    /// Lets a child go that does not live, with all below it.
    pub(super) fn remove(&mut self, id: NodeId) {
        let below: Vec<_> = match &self.nodes[id].group {
            Some(group) => group.children.iter().rev().copied().collect(),
            None => Vec::new(),
        };
        for child in below {
            self.remove(child);
        }
        self.settle(id);
        self.leave_round(id);
        self.set_due(id, None);
        self.tell(id, ChildChange::Removed);
        let Some(node) = self.nodes.0.remove(&id) else {
            return;
        };
        for dependent in node.dependents {
            let dependent = &mut self.nodes[dependent];
            dependent.dependencies.retain(|other| *other != id);
        }
        for dependency in node.dependencies {
            self.nodes[dependency]
                .dependents
                .retain(|other| *other != id);
            self.later(Todo::Advance(dependency));
        }
        if let Some(parent) = node.parent {
            let is_starting = node.record.phase == crate::phase::ChildPhase::Starting;
            let group = self.group_mut(parent);
            group.children.remove(&id);
            group.queue.remove(&id);
            group.starting -= usize::from(is_starting);
            self.later(Todo::Pump(parent));
            self.later(Todo::Ended(parent));
        }
        self.out.push(Order::Forget(id));
    }
}

fn empty(plan: GroupPlan) -> (Group, Vec<Plan>) {
    let group = Group {
        strategy: plan.strategy,
        intensity: plan.intensity,
        max_starts: plan.max_starts,
        restarts: Restarts::default(),
        children: BTreeSet::new(),
        live: 0,
        starting: 0,
        queue: BTreeSet::new(),
        unsettled: 0,
        round: None,
        failing: None,
    };
    (group, plan.children)
}
