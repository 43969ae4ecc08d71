//! A world without a clock or a task: attempts are entries in a map.

use super::*;

/// What the engine has made of the world.
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) now: Instant,
    pub(super) live: BTreeMap<NodeId, Life>,
    pub(super) told: BTreeMap<NodeId, Life>,
    pub(super) aborted: BTreeMap<NodeId, Life>,
    pub(super) paths: HashMap<String, NodeId>,
    pub(super) phases: HashMap<NodeId, ChildPhase>,
    /// What was ordered since the last look.
    pub(super) log: Vec<String>,
    pub(super) reports: Vec<TreeReport>,
    pub(super) fatal: Vec<Arc<str>>,
    pub(super) beat: Option<Instant>,
    pub(super) next_id: u64,
    pub(super) is_unordered: bool,
}

impl World {
    pub(super) fn of(supervisor: Supervisor) -> Self {
        let mut planner = Planner::new(0, Arc::default());
        let Ok(plan) = planner.root(supervisor, 7) else {
            panic!("the tree is in order");
        };
        let mut paths = HashMap::new();
        let mut below = vec![&plan];
        while let Some(plan) = below.pop() {
            paths.insert(plan.path.to_string(), plan.id);
            below.extend(plan.group.iter().flat_map(|group| &group.children));
        }
        let now = Instant::now();
        let (next_id, _) = planner.end();
        Self {
            engine: Engine::plant_tree(plan, now),
            now,
            live: BTreeMap::new(),
            told: BTreeMap::new(),
            aborted: BTreeMap::new(),
            paths,
            phases: HashMap::new(),
            log: Vec::new(),
            reports: Vec::new(),
            fatal: Vec::new(),
            beat: None,
            next_id,
            is_unordered: false,
        }
    }

    /// A world that has begun, with an empty log.
    pub(super) fn begun(supervisor: Supervisor) -> Self {
        let mut world = Self::of(supervisor);
        world.handle(Event::Begin);
        world.log.clear();
        world
    }

    pub(super) fn id(&self, path: &str) -> NodeId {
        match self.paths.get(path) {
            Some(id) => *id,
            None => panic!("there is no {path}"),
        }
    }

    pub(super) fn name(&self, id: NodeId) -> String {
        let found = self.paths.iter().find(|(_, known)| **known == id);
        found.map_or_else(|| format!("{id:?}"), |(path, _)| path.clone())
    }

    pub(super) fn phase(&self, path: &str) -> ChildPhase {
        let phase = self.engine.phase(self.id(path));
        phase.unwrap_or_else(|| panic!("{path} is gone"))
    }

    pub(super) fn life(&self, path: &str) -> Life {
        let life = self.live.get(&self.id(path)).copied();
        life.unwrap_or_else(|| panic!("{path} does not live"))
    }

    /// The orders since the last look.
    pub(super) fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    pub(super) fn handle(&mut self, event: Event) {
        // Several may be due at once, each for itself.
        self.is_unordered = matches!(event, Event::Hurry | Event::Tick);
        let mut out = Vec::new();
        self.engine.handle(self.now, event, &mut out);
        self.perform(out);
    }

    pub(super) fn steer(&mut self, path: &str, steer: Steer) -> Result<Decision, Refusal> {
        let id = self.id(path);
        let mut out = Vec::new();
        let decision = self.engine.steer(self.now, (id, steer), &mut out);
        self.perform(out);
        decision
    }

    pub(super) fn add(&mut self, spec: ChildSpec) -> Result<(), Refusal> {
        let mut planner = Planner::new(self.next_id, Arc::default());
        let known = |path: &str| {
            let id = self.paths.get(path).copied()?;
            self.engine.phase(id).map(|_| id)
        };
        let Ok(plan) = planner.joining(spec, ("/", known), 7) else {
            panic!("the child is in order");
        };
        (self.next_id, _) = planner.end();
        self.paths.insert(plan.path.to_string(), plan.id);
        let mut out = Vec::new();
        let added = self.engine.add(self.now, (NodeId::ROOT, plan), &mut out);
        self.perform(out);
        added
    }

    /// An attempt ends.
    pub(super) fn exit(&mut self, path: &str, exit: ChildExit) {
        let life = self.life(path);
        self.end(life, exit);
    }

    pub(super) fn fail(&mut self, path: &str) {
        self.exit(path, ChildExit::Failed("boom".into()));
    }

    pub(super) fn end(&mut self, life: Life, exit: ChildExit) {
        self.live.remove(&life.node);
        self.told.remove(&life.node);
        self.aborted.remove(&life.node);
        self.handle(Event::Exited { life, exit });
    }

    /// All that were told return.
    pub(super) fn obey(&mut self) {
        while let Some((_, life)) = self.told.pop_first() {
            self.end(life, ChildExit::Completed);
        }
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.engine.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.handle(Event::Tick);
        }
        self.now = until;
    }

    pub(super) fn perform(&mut self, orders: Vec<Order>) {
        self.check_order(&orders);
        for order in orders {
            match order {
                Order::Spawn(life) => {
                    let old = self.live.insert(life.node, life);
                    assert_eq!(old, None, "two copies of {}", self.name(life.node));
                    self.note("spawn", life);
                }
                Order::Cancel { life, .. } => {
                    assert_eq!(self.live.get(&life.node), Some(&life));
                    self.check_stop(life.node);
                    self.told.insert(life.node, life);
                    self.note("cancel", life);
                }
                Order::Abort(life) => {
                    assert_eq!(self.live.get(&life.node), Some(&life));
                    self.aborted.insert(life.node, life);
                    self.note("abort", life);
                }
                Order::Force(_) => {}
                Order::Ask(life) => {
                    let at = self.beat.unwrap_or(self.now);
                    self.handle(Event::Beat { life, at });
                }
                Order::Tell {
                    node,
                    record,
                    change,
                    ..
                } => self.told(node, record.phase, &change),
                Order::Forget(id) => {
                    assert!(!self.live.contains_key(&id), "forgot a live child");
                    self.phases.remove(&id);
                }
                Order::Fatal(cause) => self.fatal.push(cause),
                Order::Over(report) => self.reports.push(report),
            }
        }
    }

    /// What one event makes siblings do is in order, unless they wait for something: stops go from
    /// the last declared to the first, starts from the first to the last (I40).
    fn check_order(&self, orders: &[Order]) {
        if self.is_unordered {
            return;
        }
        let (mut told, mut started) = (HashMap::new(), HashMap::new());
        for order in orders {
            let (Order::Cancel { life, .. } | Order::Spawn(life)) = order else {
                continue;
            };
            let node = &self.engine.nodes[life.node];
            let is_start = matches!(order, Order::Spawn(_));
            let waits_for = match is_start {
                true => &node.dependencies,
                false => &node.dependents,
            };
            // One that ends and starts again takes its turn behind those that wait already.
            let has_turns = node
                .parent
                .is_some_and(|parent| self.engine.group(parent).max_starts.is_some());
            if !waits_for.is_empty() || (is_start && has_turns) {
                continue;
            }
            let (before, sign) = match is_start {
                true => (started.insert(node.parent, life.node), "started"),
                false => (told.insert(node.parent, life.node), "told"),
            };
            let is_right = match is_start {
                true => before.is_none_or(|before: NodeId| before < life.node),
                false => before.is_none_or(|before: NodeId| before > life.node),
            };
            assert!(is_right, "{} was {sign} after {before:?}", node.path);
        }
    }

    /// Those that depend on it and are being stopped are gone, or stuck.
    pub(super) fn check_stop(&self, id: NodeId) {
        if self.is_unordered {
            return;
        }
        for dependent in &self.engine.nodes[id].dependents {
            let node = &self.engine.nodes[*dependent];
            let is_there = node.stop.is_some() && node.is_live && !node.record.is_stuck;
            let name = self.name(id);
            assert!(!is_there, "{name} was told before {}", node.path);
        }
    }

    pub(super) fn note(&mut self, what: &str, life: Life) {
        let name = self.name(life.node);
        let (generation, attempt) = (life.generation, life.attempt);
        self.log
            .push(format!("{what} {name} {generation}.{attempt}"));
    }

    /// Every move is one of the table's, and is told.
    pub(super) fn told(&mut self, id: NodeId, phase: ChildPhase, change: &ChildChange) {
        if *change == ChildChange::Stale {
            self.log.push(format!("stale {}", self.name(id)));
        }
        let was = self.phases.insert(id, phase).unwrap_or(ChildPhase::Pending);
        assert!(
            was == phase || was.may_become(phase),
            "{}: {was} -> {phase}, told as {change:?}",
            self.name(id)
        );
    }
}
