//! The engine in a world of its own: no clock, no task; attempts are entries in a map.

mod ends;
mod groups;
mod random;
mod steering;
mod stops;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Engine, Event, Life, NodeId, Order, Refusal, Steer};
use crate::decl::{Backoff, Intensity, Readiness, RestartPolicy};
use crate::event::ChildChange;
use crate::phase::ChildPhase;
use crate::supervisor::tree::Planner;
use crate::supervisor::{ChildExit, ChildSpec, Decision, Supervisor, TreeReport};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// A child that does nothing: its attempts are driven by the test.
fn child(name: &'static str) -> ChildSpec {
    let spec = ChildSpec::factory(name, |_| std::future::ready(Ok(())));
    let backoff = Backoff::default().with_jitter(0.0).unwrap_or_default();
    spec.backoff(backoff)
}

/// One that is restarted at once, for as often as it takes.
fn quick(name: &'static str) -> ChildSpec {
    child(name)
        .backoff(Backoff::none())
        .intensity(Intensity::unlimited())
        .restart(RestartPolicy::Always)
}

fn explicit(spec: ChildSpec, seconds: u32) -> ChildSpec {
    spec.readiness(Readiness::Explicit {
        deadline: SECOND * seconds,
    })
}

/// What the engine has made of the world.
struct World {
    engine: Engine,
    now: Instant,
    live: BTreeMap<NodeId, Life>,
    told: BTreeMap<NodeId, Life>,
    aborted: BTreeMap<NodeId, Life>,
    paths: HashMap<String, NodeId>,
    phases: HashMap<NodeId, ChildPhase>,
    /// What was ordered since the last look.
    log: Vec<String>,
    reports: Vec<TreeReport>,
    fatal: Vec<Arc<str>>,
    beat: Option<Instant>,
    next_id: u64,
    is_unordered: bool,
}

impl World {
    fn of(supervisor: Supervisor) -> Self {
        let mut planner = Planner::new(0);
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
        let next_id = planner.next();
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
    fn begun(supervisor: Supervisor) -> Self {
        let mut world = Self::of(supervisor);
        world.handle(Event::Begin);
        world.log.clear();
        world
    }

    fn id(&self, path: &str) -> NodeId {
        match self.paths.get(path) {
            Some(id) => *id,
            None => panic!("there is no {path}"),
        }
    }

    fn name(&self, id: NodeId) -> String {
        let found = self.paths.iter().find(|(_, known)| **known == id);
        found.map_or_else(|| format!("{id:?}"), |(path, _)| path.clone())
    }

    fn phase(&self, path: &str) -> ChildPhase {
        let phase = self.engine.phase(self.id(path));
        phase.unwrap_or_else(|| panic!("{path} is gone"))
    }

    fn life(&self, path: &str) -> Life {
        let life = self.live.get(&self.id(path)).copied();
        life.unwrap_or_else(|| panic!("{path} does not live"))
    }

    /// The orders since the last look.
    fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    fn handle(&mut self, event: Event) {
        // Several may be due at once, each for itself.
        self.is_unordered = matches!(event, Event::Hurry | Event::Tick);
        let mut out = Vec::new();
        self.engine.handle(self.now, event, &mut out);
        self.perform(out);
    }

    fn steer(&mut self, path: &str, steer: Steer) -> Result<Decision, Refusal> {
        let id = self.id(path);
        let mut out = Vec::new();
        let decision = self.engine.steer(self.now, (id, steer), &mut out);
        self.perform(out);
        decision
    }

    fn add(&mut self, spec: ChildSpec) -> Result<(), Refusal> {
        let mut planner = Planner::new(self.next_id);
        let known = |path: &str| {
            let id = self.paths.get(path);
            id.is_some_and(|id| self.engine.phase(*id).is_some())
        };
        let Ok(plan) = planner.joining(spec, ("/", known), 7) else {
            panic!("the child is in order");
        };
        self.next_id = planner.next();
        self.paths.insert(plan.path.to_string(), plan.id);
        let mut out = Vec::new();
        let added = self.engine.add(self.now, (NodeId::ROOT, plan), &mut out);
        self.perform(out);
        added
    }

    /// An attempt ends.
    fn exit(&mut self, path: &str, exit: ChildExit) {
        let life = self.life(path);
        self.end(life, exit);
    }

    fn fail(&mut self, path: &str) {
        self.exit(path, ChildExit::Failed("boom".into()));
    }

    fn end(&mut self, life: Life, exit: ChildExit) {
        self.live.remove(&life.node);
        self.told.remove(&life.node);
        self.aborted.remove(&life.node);
        self.handle(Event::Exited { life, exit });
    }

    /// All that were told return.
    fn obey(&mut self) {
        while let Some((_, life)) = self.told.pop_first() {
            self.end(life, ChildExit::Completed);
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.engine.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.handle(Event::Tick);
        }
        self.now = until;
    }

    fn perform(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Spawn(life) => {
                    let old = self.live.insert(life.node, life);
                    assert_eq!(old, None, "two copies of {}", self.name(life.node));
                    self.check_start(life.node);
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

    /// Those it depends on are ready, or done.
    fn check_start(&self, id: NodeId) {
        if self.is_unordered {
            return;
        }
        for dependency in &self.engine.nodes[id].dependencies {
            let phase = self.engine.nodes[*dependency].phase();
            let is_there = matches!(phase, ChildPhase::Running | ChildPhase::Stopped);
            let name = self.name(id);
            assert!(is_there, "{name} was started with {phase} below it");
        }
    }

    /// Those that depend on it and are being stopped are gone, or stuck.
    fn check_stop(&self, id: NodeId) {
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

    fn note(&mut self, what: &str, life: Life) {
        let name = self.name(life.node);
        let (generation, attempt) = (life.generation, life.attempt);
        self.log
            .push(format!("{what} {name} {generation}.{attempt}"));
    }

    /// Every move is one of the table's, and is told.
    fn told(&mut self, id: NodeId, phase: ChildPhase, change: &ChildChange) {
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

#[tokio::test(start_paused = true)]
async fn children_start_in_the_order_of_their_declaration() {
    let mut world = World::of(
        Supervisor::new()
            .child(child("c"))
            .child(child("a"))
            .child(child("b")),
    );

    world.handle(Event::Begin);

    assert_eq!(
        world.log(),
        ["spawn /c 1.1", "spawn /a 1.1", "spawn /b 1.1"]
    );
    assert_eq!(world.phase("/"), ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn child_starts_when_those_it_depends_on_are_ready_or_done() {
    let mut world = World::of(
        Supervisor::new()
            .child(child("last").depends_on("first").depends_on("job"))
            .child(explicit(child("first"), 10))
            .child(child("job")),
    );
    world.handle(Event::Begin);
    assert_eq!(world.log(), ["spawn /first 1.1", "spawn /job 1.1"]);
    assert_eq!(world.phase("/first"), ChildPhase::Starting);
    assert_eq!(world.phase("/"), ChildPhase::Starting);

    world.exit("/job", ChildExit::Completed);
    assert_eq!(world.log(), Vec::<String>::new());
    let life = world.life("/first");
    world.handle(Event::Ready { life });

    assert_eq!(world.log(), ["spawn /last 1.1"]);
    assert_eq!(world.phase("/"), ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn dependency_that_is_never_ready_is_told_by_its_deadline_and_nothing_hangs() {
    let mut world = World::begun(
        Supervisor::new()
            .child(explicit(child("first"), 10))
            .child(child("second").depends_on("first"))
            .child(child("third")),
    );

    world.wait(9 * SECOND);
    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(SECOND);
    assert_eq!(world.log(), ["cancel /first 1.1"]);
    world.exit("/first", ChildExit::Completed);

    assert_eq!(world.phase("/first"), ChildPhase::BackingOff);
    assert_eq!(world.phase("/second"), ChildPhase::Pending);
    assert_eq!(world.phase("/third"), ChildPhase::Running);
    world.handle(Event::Shut { deadline: None });
    world.obey();
    assert_eq!(world.reports.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn starts_wait_for_their_turn_and_none_is_dropped() {
    let two = std::num::NonZeroUsize::MIN.saturating_add(1);
    let mut supervisor = Supervisor::new().max_concurrent_starts(two);
    for name in ["a", "b", "c", "d", "e"] {
        supervisor = supervisor.child(explicit(child(name), 60));
    }
    let mut world = World::of(supervisor);
    world.handle(Event::Begin);
    assert_eq!(world.log(), ["spawn /a 1.1", "spawn /b 1.1"]);

    let life = world.life("/b");
    world.handle(Event::Ready { life });
    assert_eq!(world.log(), ["spawn /c 1.1"]);
    // One that fails while it starts makes room as well.
    world.fail("/a");
    assert_eq!(world.log(), ["spawn /d 1.1"]);
    for path in ["/c", "/d"] {
        let life = world.life(path);
        world.handle(Event::Ready { life });
    }
    assert_eq!(world.log(), ["spawn /e 1.1"]);
    world.wait(SECOND);
    assert_eq!(world.log(), ["spawn /a 1.2"]);
}

#[tokio::test(start_paused = true)]
async fn i36_stale_exits_and_signs_change_nothing_and_are_recorded() {
    let mut world = World::begun(Supervisor::new().child(explicit(quick("a"), 60)));
    let old = world.life("/a");
    world.fail("/a");
    assert_eq!(world.log(), ["spawn /a 1.2"]);

    world.handle(Event::Ready { life: old });
    assert_eq!(world.phase("/a"), ChildPhase::Starting);
    let exit = ChildExit::Completed;
    world.handle(Event::Exited { life: old, exit });
    world.handle(Event::Beat {
        life: old,
        at: world.now,
    });

    assert_eq!(world.log(), ["stale /a", "stale /a"]);
    assert_eq!(world.life("/a").attempt, 2);
}

#[tokio::test(start_paused = true)]
async fn group_is_ready_when_its_children_are_and_counts_as_one_that_starts() {
    let inner = Supervisor::new()
        .child(explicit(child("x"), 60))
        .child(explicit(child("y"), 60));
    let mut world = World::begun(
        Supervisor::new()
            .max_concurrent_starts(std::num::NonZeroUsize::MIN)
            .child(ChildSpec::group("group", inner))
            .child(explicit(child("after"), 60)),
    );
    assert_eq!(world.phase("/group"), ChildPhase::Starting);
    assert_eq!(world.phase("/after"), ChildPhase::Pending);

    let life = world.life("/group/x");
    world.handle(Event::Ready { life });
    assert_eq!(world.phase("/group"), ChildPhase::Starting);
    let life = world.life("/group/y");
    world.handle(Event::Ready { life });

    assert_eq!(world.phase("/group"), ChildPhase::Running);
    assert_eq!(world.phase("/after"), ChildPhase::Starting);
}
