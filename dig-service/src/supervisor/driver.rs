//! The loop: takes what happens, asks the engine, and does what it says.
//!
//! No user code runs in it: futures are made, polled and dropped in the children's own tasks.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::decl::Rules;
use crate::event::{Journal, StopCause};
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::supervisor::attempt::Attempt;
use crate::supervisor::context::Pulse;
use crate::supervisor::directory::Directory;
use crate::supervisor::engine::{Engine, Event, KEPT, Life, NodeId, Order};
use crate::supervisor::handle::Receivers;
use crate::supervisor::inbox::{Inbox, Signal};
use crate::supervisor::supervisor::StopToken;
use crate::supervisor::told::log;
use crate::supervisor::tree::Unit;
use crate::supervisor::{ChildContext, TreeReport};
use crate::tasks::{Reach, TaskKind, TaskOptions, TaskRegistry};

/// How many signals are taken before commands and deadlines have their turn.
const AT_ONCE: usize = 64;

/// What is kept of a child, beside what the engine knows.
pub(super) struct Kept {
    pub(super) unit: Unit,
    pub(super) live: Option<Live>,
}

impl Kept {
    /// Boxed, as a table of many would have room for many more.
    pub(super) fn new(unit: Unit) -> Box<Self> {
        Box::new(Self { unit, live: None })
    }
}

/// What reaches a child's present attempt.
pub(super) struct Live {
    life: Life,
    token: ShutdownToken,
    reach: Reach,
    pulse: Arc<Pulse>,
}

/// The loop.
pub(super) struct Driver {
    pub(super) engine: Engine,
    pub(super) units: HashMap<NodeId, Box<Kept>>,
    pub(super) directory: Arc<Directory>,
    pub(super) journal: Option<Journal>,
    pub(super) inbox: Inbox,
    pub(super) scope: TaskRegistry,
    pub(super) home: TaskRegistry,
    pub(super) next_id: u64,
    /// Those of the child that was added last.
    pub(super) rules: Arc<Rules>,
    pub(super) seed: u64,
    /// How many commands came without an id.
    pub(super) numbered: u64,
    /// Why everything stops, once it does.
    pub(super) reason: ShutdownReason,
    pub(super) out: Vec<Order>,
    pub(super) awaiting: Vec<oneshot::Sender<Arc<TreeReport>>>,
    pub(super) is_over: bool,
}

/// Wakes nobody, unless it is in use.
fn far() -> Instant {
    Instant::now() + std::time::Duration::from_secs(86_400)
}

impl Driver {
    pub(super) async fn run(mut self, mut receivers: Receivers, stop: StopToken) {
        let mut sleep = std::pin::pin!(sleep_until(far()));
        let mut armed = None;
        let mut is_stopping = false;
        self.handle(Event::Begin);
        // Down, it waits for children that were stuck: whoever asks is to know when they are gone.
        while !self.is_over || self.directory.stuck() > 0 {
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
                self.answer_all();
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

    pub(super) fn obey_all(&mut self) {
        let mut orders = std::mem::take(&mut self.out);
        while !orders.is_empty() {
            for order in orders.drain(..) {
                self.obey(order);
            }
            // What came of the orders themselves.
            std::mem::swap(&mut orders, &mut self.out);
        }
        orders.shrink_to(KEPT);
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
        let mut options = TaskOptions::new(kept.unit.kind).at_place(kept.unit.place);
        if kept.unit.fixed_name.is_none() {
            options = options.label(Arc::clone(&name));
        }
        let span = tracing::info_span!("child", service = &*name, attempt = life.attempt);
        let fixed_name = kept.unit.fixed_name.unwrap_or("child");
        let make = |protection| {
            let cx = ChildContext {
                name,
                generation: life.generation,
                attempt: life.attempt,
                shutdown: token.clone(),
                tasks: self.home.clone(),
                fixed_name,
                protection,
                node: life.node,
                inbox,
                pulse: Arc::clone(&pulse),
            };
            Attempt::new(work, cx, span)
        };
        match self.scope.spawn_child(fixed_name, options, make) {
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
        // The first and only one.
        let _ = self.directory.report.set(Arc::new(report));
        self.is_over = true;
        self.directory.end();
        self.answer_all();
    }

    /// Gives the report, if there is one, to all who wait for it.
    pub(super) fn answer_all(&mut self) {
        if let Some(report) = self.directory.report.get() {
            for waiter in self.awaiting.drain(..) {
                // An error means that nobody waits any more.
                let _ = waiter.send(Arc::clone(report));
            }
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
