//! From a tree as it was declared to a loop that runs.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::decl::{Jitter, Rules};
use crate::shutdown::ShutdownReason;
use crate::supervisor::directory::{Directory, Entry};
use crate::supervisor::driver::{Driver, Kept};
use crate::supervisor::engine::{Engine, NodeId, Plan, Record};
use crate::supervisor::handle::{Receivers, Wiring};
use crate::supervisor::supervisor::StopToken;
use crate::supervisor::tree::{Planner, Unit};
use crate::supervisor::{InvalidTree, Supervisor, SupervisorHandle};
use crate::tasks::{Refused, TaskKind, TaskOptions, TaskRegistry};

/// The task's name in listings.
const NAME: &str = "supervisor";

/// A tree that is in order, and about to be started.
pub(crate) struct Start {
    wiring: Wiring,
    receivers: Receivers,
    engine: Engine,
    units: HashMap<NodeId, Box<Kept>>,
    next_id: u64,
    rules: Arc<Rules>,
    seed: u64,
}

impl Start {
    /// Checks a tree.
    pub(crate) fn new(supervisor: Supervisor) -> Result<Self, InvalidTree> {
        let (wiring, receivers) = Wiring::new();
        Self::wired(supervisor, wiring, receivers)
    }

    /// Checks a tree whose handle was given out before.
    pub(crate) fn wired(
        supervisor: Supervisor,
        wiring: Wiring,
        receivers: Receivers,
    ) -> Result<Self, InvalidTree> {
        let seed = supervisor.seed.unwrap_or_else(|| Jitter::random().seed());
        let mut planner = Planner::new(0, Arc::default());
        let plan = planner.root(supervisor, seed)?;
        enter(&wiring.directory, &plan, (&planner.units, true));
        let (next_id, rules) = planner.end();
        wiring.know(planner.factories);
        wiring.directory.open();
        let units = planner.units.into_iter();
        Ok(Self {
            engine: Engine::plant_tree(plan, Instant::now()),
            wiring,
            receivers,
            units: units.map(|(id, unit)| (id, Kept::new(unit))).collect(),
            next_id,
            rules,
            seed,
        })
    }

    pub(crate) fn handle(&self) -> SupervisorHandle {
        SupervisorHandle::new(self.wiring.clone())
    }

    /// Starts the loop as a task of `scope`, where the children run as well; `home` is where they
    /// spawn their own tasks, and what stops if the tree gives up.
    ///
    /// # Errors
    ///
    /// The scope takes nothing in any more.
    pub(crate) fn run(
        self,
        scope: &TaskRegistry,
        home: &TaskRegistry,
        stop: StopToken,
    ) -> Result<(), Refused> {
        if let Some(journal) = home.journal() {
            self.wiring.directory.join(journal.clone());
        }
        let driver = Driver {
            journal: home.journal().cloned(),
            directory: Arc::clone(&self.wiring.directory),
            inbox: self.wiring.inbox.clone(),
            engine: self.engine,
            units: self.units,
            next_id: self.next_id,
            rules: self.rules,
            seed: self.seed,
            numbered: 0,
            scope: scope.clone(),
            home: home.clone(),
            reason: ShutdownReason::UserRequested,
            out: Vec::new(),
            awaiting: Vec::new(),
            is_over: false,
        };
        // Nothing of ours may end the loop; if something does, nobody looks after the children.
        let options = TaskOptions::new(TaskKind::BackgroundLoop)
            .critical()
            .may_finish();
        let running = async move {
            driver.run(self.receivers, stop).await;
            Ok(())
        };
        scope.try_spawn(NAME, options, running).map(drop)
    }
}

/// Enters a plan into the directory.
pub(super) fn enter(
    directory: &Directory,
    plan: &Plan,
    (units, is_shown): (&[(NodeId, Unit)], bool),
) {
    let mut plans = vec![plan];
    let mut all = HashMap::new();
    while let Some(plan) = plans.pop() {
        all.insert(plan.id, plan);
        plans.extend(plan.group.iter().flat_map(|group| &group.children));
    }
    for (id, unit) in units {
        let Some(plan) = all.get(id) else {
            continue;
        };
        let (path, tags) = (Arc::clone(&plan.path), Arc::clone(&plan.tags));
        let rules = Arc::clone(&plan.rules);
        let path_of = |id| all.get(id).map(|plan| Arc::clone(&plan.path));
        let dependencies = plan.dependencies.iter();
        let dependencies =
            dependencies.filter_map(|on| path_of(on).or_else(|| directory.path(*on)));
        let dependencies = match plan.dependencies.is_empty() {
            true => Arc::default(),
            false => dependencies.collect(),
        };
        directory.insert(Entry {
            id: *id,
            name: Arc::clone(&unit.name),
            path,
            is_supervisor: unit.work.is_none(),
            tags,
            record: Record::new(),
            pulse: None,
            cause: None,
            is_shown,
            told_at: 0,
            rules,
            dependencies,
        });
    }
}
