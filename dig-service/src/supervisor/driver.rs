//! The loop: takes what happens, asks the engine, and does what it says.
//!
//! No user code runs in it: futures are made, polled and dropped in the children's own tasks.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::Instrument;

use crate::decl::Jitter;
use crate::event::{ChildCommandEvent, EventKind, Journal, StopCause};
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::supervisor::attempt::{Report, attempt};
use crate::supervisor::context::Pulse;
use crate::supervisor::directory::{Directory, Entry};
use crate::supervisor::engine::{Engine, Event, Life, NodeId, Order, Plan, Record, Refusal};
use crate::supervisor::handle::{Receivers, Wiring};
use crate::supervisor::inbox::{Inbox, Request, Signal, Wish};
use crate::supervisor::supervisor::StopToken;
use crate::supervisor::told::log;
use crate::supervisor::tree::{Planner, Unit};
use crate::supervisor::{
    ChildContext, CommandError, InvalidTree, Outcome, Standing, Supervisor, SupervisorHandle,
    TreeReport,
};
use crate::tasks::{Reach, TaskKind, TaskOptions, TaskRegistry};

/// How many signals are taken before commands and deadlines have their turn.
const AT_ONCE: usize = 64;

/// The task's name in listings.
const NAME: &str = "supervisor";

/// A tree that is in order, and about to be started.
pub(crate) struct Start {
    wiring: Wiring,
    receivers: Receivers,
    engine: Engine,
    units: HashMap<NodeId, Kept>,
    next_id: u64,
    seed: u64,
}

/// What is kept of a child, beside what the engine knows.
struct Kept {
    unit: Unit,
    live: Option<Live>,
}

/// What reaches a child's present attempt.
struct Live {
    life: Life,
    token: ShutdownToken,
    reach: Reach,
    pulse: Arc<Pulse>,
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
        let mut planner = Planner::new(0);
        let plan = planner.root(supervisor, seed)?;
        enter(&wiring.directory, &plan, &planner.units);
        let next_id = planner.next();
        wiring.know(planner.factories);
        let units = planner.units.into_iter();
        Ok(Self {
            engine: Engine::plant_tree(plan, Instant::now()),
            wiring,
            receivers,
            units: units
                .map(|(id, unit)| (id, Kept { unit, live: None }))
                .collect(),
            next_id,
            seed,
        })
    }

    pub(crate) fn handle(&self) -> SupervisorHandle {
        SupervisorHandle::new(self.wiring.clone())
    }

    /// Starts the loop as a task of `scope`, where the children run as well; `home` is where they
    /// spawn their own tasks, and what stops if the tree gives up.
    pub(crate) fn run(self, scope: &TaskRegistry, home: &TaskRegistry, stop: StopToken) {
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
            seed: self.seed,
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
        scope.spawn_with(NAME, options, |_| async move {
            driver.run(self.receivers, stop).await;
            Ok(())
        });
    }
}

/// Enters a plan into the directory.
fn enter(directory: &Directory, plan: &Plan, units: &[(NodeId, Unit)]) {
    let mut plans = vec![plan];
    let mut paths = HashMap::new();
    while let Some(plan) = plans.pop() {
        paths.insert(plan.id, Arc::clone(&plan.path));
        plans.extend(plan.group.iter().flat_map(|group| &group.children));
    }
    for (id, unit) in units {
        let Some(path) = paths.remove(id) else {
            continue;
        };
        directory.insert(Entry {
            id: *id,
            name: Arc::clone(&unit.name),
            path,
            is_supervisor: unit.work.is_none(),
            tags: Arc::clone(&unit.tags),
            record: Record::new(),
            pulse: None,
        });
    }
}

struct Driver {
    engine: Engine,
    units: HashMap<NodeId, Kept>,
    directory: Arc<Directory>,
    journal: Option<Journal>,
    inbox: Inbox,
    scope: TaskRegistry,
    home: TaskRegistry,
    next_id: u64,
    seed: u64,
    /// Why everything stops, once it does.
    reason: ShutdownReason,
    out: Vec<Order>,
    awaiting: Vec<oneshot::Sender<Arc<TreeReport>>>,
    is_over: bool,
}

/// Wakes nobody, unless it is in use.
fn far() -> Instant {
    Instant::now() + std::time::Duration::from_secs(86_400)
}

impl Driver {
    async fn run(mut self, mut receivers: Receivers, stop: StopToken) {
        let mut sleep = std::pin::pin!(sleep_until(far()));
        let mut armed = None;
        let mut is_stopping = false;
        self.handle(Event::Begin);
        while !self.is_over {
            let due = self.engine.next_due();
            arm(sleep.as_mut(), &mut armed, due);
            // No order among them: none can keep the others from their turn.
            tokio::select! {
                Some(signal) = receivers.signals.recv() => {
                    self.take(signal);
                    self.take_more(&mut receivers.signals);
                }
                Some(request) = receivers.requests.recv() => self.answer(request),
                () = sleep.as_mut(), if due.is_some() => {}
                () = fired(stop.as_ref()), if !is_stopping => {
                    is_stopping = true;
                    self.stop_with(stop.as_ref());
                }
            }
            if self
                .engine
                .next_due()
                .is_some_and(|due| due <= Instant::now())
            {
                self.handle(Event::Tick);
            }
        }
        self.directory.end();
    }

    /// Takes signals that have come meanwhile, up to a number.
    fn take_more(&mut self, signals: &mut mpsc::UnboundedReceiver<Signal>) {
        for _ in 0..AT_ONCE {
            match signals.try_recv() {
                Ok(signal) => self.take(signal),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, signal: Signal) {
        match signal {
            Signal::Exited(life, exit) => self.handle(Event::Exited { life, exit }),
            Signal::Ready(life) => self.handle(Event::Ready { life }),
            Signal::Last(life) => self.handle(Event::Last { life }),
            Signal::Hurry => self.handle(Event::Hurry),
            Signal::Shut {
                deadline,
                reason,
                reply,
            } => {
                self.reason = reason;
                self.awaiting.extend(reply);
                self.handle(Event::Shut { deadline });
            }
        }
    }

    fn stop_with(&mut self, stop: Option<&ShutdownToken>) {
        if let Some(reason) = stop.and_then(ShutdownToken::reason) {
            self.reason = reason;
        }
        self.handle(Event::Shut { deadline: None });
    }

    fn handle(&mut self, event: Event) {
        self.engine.handle(Instant::now(), event, &mut self.out);
        self.obey_all();
    }

    fn obey_all(&mut self) {
        let mut orders = std::mem::take(&mut self.out);
        while !orders.is_empty() {
            for order in orders.drain(..) {
                self.obey(order);
            }
            // What came of the orders themselves.
            std::mem::swap(&mut orders, &mut self.out);
        }
        self.out = orders;
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Spawn(life) => self.spawn(life),
            Order::Cancel { life, cause } => {
                let reason = self.reason_for(cause);
                if let Some(live) = self.live(life) {
                    live.token.cancel(reason);
                }
            }
            Order::Abort(life) => self.live(life).into_iter().for_each(|l| l.reach.abort()),
            Order::Force(life) => {
                let live = self.live(life).into_iter();
                live.for_each(|live| live.reach.abort_by_force());
            }
            Order::Ask(life) => {
                if let Some(at) = self.live(life).map(|live| live.pulse.latest_or_start()) {
                    let event = Event::Beat { life, at };
                    self.engine.handle(Instant::now(), event, &mut self.out);
                }
            }
            Order::Tell {
                node,
                path,
                record,
                change,
            } => {
                log(&path, &record, &change);
                self.directory.tell(node, &record, change);
            }
            Order::Forget(id) => self.forget(id),
            Order::Fatal(cause) => {
                let what = format!("supervisor gave up: {cause}");
                self.home.shutdown().cancel(ShutdownReason::Fatal(what));
            }
            Order::Over(report) => self.over(report),
        }
    }

    fn live(&self, life: Life) -> Option<&Live> {
        let live = self.units.get(&life.node)?.live.as_ref()?;
        (live.life == life).then_some(live)
    }

    fn reason_for(&self, cause: StopCause) -> ShutdownReason {
        match cause {
            StopCause::Fault | StopCause::Group => ShutdownReason::ReloadRequested,
            StopCause::Command => ShutdownReason::UserRequested,
            StopCause::Escalation => ShutdownReason::Fatal("the supervisor gives up".to_owned()),
            StopCause::Shutdown => self.reason.clone(),
        }
    }

    fn spawn(&mut self, life: Life) {
        let Some(kept) = self.units.get_mut(&life.node) else {
            return;
        };
        let Some(work) = kept.unit.work.clone() else {
            return;
        };
        let token = ShutdownToken::new();
        let pulse = Arc::new(Pulse::new(Instant::now()));
        self.directory.set_pulse(life.node, Arc::clone(&pulse));
        let (name, inbox) = (Arc::clone(&kept.unit.name), self.inbox.clone());
        let mut options = TaskOptions::new(kept.unit.kind);
        if kept.unit.fixed_name.is_none() {
            options = options.label(Arc::clone(&name));
        }
        let span = tracing::info_span!("child", service = &*name, attempt = life.attempt);
        let (theirs, beats) = (token.clone(), Arc::clone(&pulse));
        let home = self.home.clone();
        let make = |task: crate::tasks::TaskContext| {
            let report = Report::new(inbox.clone(), life);
            let cx = ChildContext {
                name,
                generation: life.generation,
                attempt: life.attempt,
                shutdown: theirs,
                tasks: home,
                task,
                life,
                inbox,
                pulse: beats,
            };
            attempt(report, work, cx).instrument(span)
        };
        let fixed = kept.unit.fixed_name.unwrap_or("child");
        let ends = (token.clone(), self.home.clone());
        match self.scope.spawn_child(fixed, options, ends, make) {
            Ok(reach) => {
                kept.live = Some(Live {
                    life,
                    token,
                    reach,
                    pulse,
                });
            }
            // Its report was dropped with it, and says so; nothing can be started any more.
            Err(_) => {
                let event = Event::Last { life };
                self.engine.handle(Instant::now(), event, &mut self.out);
            }
        }
    }

    /// Lets go of a child that is gone. Its work may have a destructor: that is not for the loop.
    fn forget(&mut self, id: NodeId) {
        self.directory.remove(id);
        if let Some(kept) = self.units.remove(&id) {
            let work = kept.unit.work;
            let options = TaskOptions::new(TaskKind::Maintenance);
            let drop_it = async move {
                drop(work);
                Ok(())
            };
            // Refused, it is dropped here: then everything ends anyway.
            let _ = self.scope.detach("forget", options, drop_it);
        }
    }

    fn over(&mut self, report: TreeReport) {
        let report = Arc::new(report);
        // The first and only one.
        let _ = self.directory.report.set(Arc::clone(&report));
        for waiter in self.awaiting.drain(..) {
            let _ = waiter.send(Arc::clone(&report));
        }
        self.is_over = true;
    }

    /// Carries out a command, and says what came of it.
    fn answer(&mut self, request: Request) {
        let Request {
            child,
            wish,
            audit,
            reply,
        } = request;
        let found = self.directory.find(&child);
        let path = found
            .as_ref()
            .ok()
            .and_then(|id| self.directory.status(*id));
        let path = path.map_or_else(|| child.as_str().into(), |status| status.path);
        let (requested_by, reason) = audit.parts();
        let command = wish.label();
        tracing::info!(
            command,
            child = &*path,
            by = &*requested_by,
            why = &*reason,
            "command"
        );
        if let Some(journal) = &self.journal {
            // The word before the deed: what it causes comes after it.
            journal.record(EventKind::ChildCommand(ChildCommandEvent {
                command,
                path,
                requested_by,
                reason,
            }));
        }
        let result = found.and_then(|id| self.fulfil(id, &child, wish));
        // An error means that nobody waits for the answer.
        let _ = reply.send(result);
    }

    fn fulfil(&mut self, id: NodeId, child: &str, wish: Wish) -> Result<Outcome, CommandError> {
        let status = self.directory.status(id);
        let before = status.ok_or_else(|| CommandError::UnknownChild(child.to_owned()))?;
        let path = Arc::clone(&before.path);
        let before = Standing::of(&before);
        let (id, done) = match wish {
            Wish::Shut => (id, Ok(crate::supervisor::Decision::Stopping)),
            Wish::Add(spec) => return self.add(id, *spec),
            Wish::Steer(steer) => {
                let now = Instant::now();
                (id, self.engine.steer(now, (id, steer), &mut self.out))
            }
        };
        self.obey_all();
        let decision = done.map_err(|refusal| refused(refusal, &path))?;
        let after = self.directory.status(id);
        Ok(Outcome {
            path,
            before,
            after: after.as_ref().map_or(before, Standing::of),
            decision,
        })
    }

    fn add(
        &mut self,
        parent: NodeId,
        spec: crate::supervisor::ChildSpec,
    ) -> Result<Outcome, CommandError> {
        let path = self.directory.supervisor_path(parent);
        let path = path.ok_or_else(|| {
            let status = self.directory.status(parent);
            CommandError::NotASupervisor(status.map_or_else(String::new, |s| s.path.to_string()))
        })?;
        let mut planner = Planner::new(self.next_id);
        let exists = |path: &str| self.directory.has(path);
        let plan = planner.joining(spec, (&path, exists), self.seed)?;
        if self.engine.is_closing() {
            return Err(CommandError::Stopping);
        }
        self.next_id = planner.next();
        let (id, path) = (plan.id, Arc::clone(&plan.path));
        enter(&self.directory, &plan, &planner.units);
        for (id, unit) in planner.units {
            self.units.insert(id, Kept { unit, live: None });
        }
        let before = self.directory.status(id);
        let now = Instant::now();
        let added = self.engine.add(now, (parent, plan), &mut self.out);
        self.obey_all();
        added.map_err(|refusal| refused(refusal, &path))?;
        let after = self.directory.status(id);
        let standing = |status: Option<_>| status.as_ref().map(Standing::of);
        let (before, after) = (standing(before), standing(after));
        match (before, after) {
            (Some(before), Some(after)) => Ok(Outcome {
                path,
                before,
                after,
                decision: after.since_added(),
            }),
            _ => Err(CommandError::UnknownChild(path.to_string())),
        }
    }
}

async fn fired(stop: Option<&ShutdownToken>) {
    match stop {
        Some(stop) => stop.cancelled().await,
        None => std::future::pending().await,
    }
}

/// Makes the timer wake the loop when something is due.
fn arm(sleep: Pin<&mut Sleep>, armed: &mut Option<Instant>, due: Option<Instant>) {
    if let Some(at) = due
        && *armed != due
    {
        sleep.reset(at);
        *armed = due;
    }
}

fn refused(refusal: Refusal, path: &str) -> CommandError {
    match refusal {
        Refusal::Unknown => CommandError::UnknownChild(path.to_owned()),
        Refusal::Stopping => CommandError::Stopping,
        Refusal::Removing => CommandError::Removing(path.to_owned()),
        Refusal::Needed(dependents) => CommandError::Needed {
            child: path.to_owned(),
            dependents,
        },
        Refusal::Stuck(child) => CommandError::Stuck(child),
        Refusal::Root => CommandError::Root,
    }
}
