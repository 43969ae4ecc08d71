//! The service's supervised children: started before `run`, stopped while it returns.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument;

use crate::control::{Control, counted};
use crate::decl::{Backoff, Intensity, OnError, OnGiveUp, RestartPolicy};
use crate::error::Finished;
use crate::lifecycle::{Every, NodeLifecycle, StopPart, TaskDecl, TaskShape};
use crate::registry::{Error, Runner};
use crate::service::driver::Driver;
use crate::shutdown::ShutdownReason;
use crate::supervisor::{
    ChildSpec, Period, Receivers, Start, StopHow, Supervisor, SupervisorHandle, TreeReport, Wiring,
};
use crate::tasks::{Gate, TaskContext, TaskSummary};

/// The children as they were given, until they are started.
pub(super) struct Declared {
    pub(super) supervisor: Supervisor,
    pub(super) wiring: Wiring,
    pub(super) receivers: Receivers,
}

/// Where the children's way down stands.
#[derive(Default)]
pub(super) struct Children {
    pub(super) declared: Option<Declared>,
    pub(super) start: Option<Start>,
    handle: Option<SupervisorHandle>,
    report: Option<oneshot::Receiver<Arc<TreeReport>>>,
}

impl Children {
    pub(super) fn new(declared: Declared) -> Self {
        Self {
            handle: Some(SupervisorHandle::new(declared.wiring.clone())),
            declared: Some(declared),
            ..Self::default()
        }
    }

    /// Tells the children to stop.
    pub(super) fn begin_shutdown(&mut self, deadline: Option<Instant>, reason: ShutdownReason) {
        let handle = self.handle.as_ref();
        self.report = handle.map(|handle| handle.begin_shutdown(deadline, reason));
    }

    /// Waits until they have; in a hurry, they are aborted.
    pub(super) async fn ended(&mut self, control: &Control) -> Option<Arc<TreeReport>> {
        let mut report = self.report.take()?;
        tokio::select! {
            biased;
            report = &mut report => return report.ok(),
            () = control.hurry.cancelled() => {}
        }
        if let Some(handle) = &self.handle {
            handle.hurry();
        }
        report.await.ok()
    }
}

impl<N: NodeLifecycle> Driver<N> {
    /// Checks all children that were declared: providers' work, the builder's, the node's (I43).
    pub(super) fn plan_children(&mut self) -> anyhow::Result<()> {
        let Some(declared) = self.children.declared.take() else {
            return Ok(());
        };
        let mut supervisor = declared.supervisor;
        let given = std::mem::take(&mut supervisor.children);
        let runners = self.providers.as_ref().map(|providers| providers.runners());
        let runners = runners.into_iter().flatten().map(of_runner);
        let tasks = N::tasks().iter().map(|task| self.of_task(task));
        supervisor.children = runners.chain(given).collect();
        supervisor
            .children
            .extend(tasks.collect::<anyhow::Result<Vec<_>>>()?);
        let start = Start::wired(supervisor, declared.wiring, declared.receivers)?;
        self.children.start = Some(start);
        Ok(())
    }

    /// Starts the children.
    pub(super) fn start_children(&mut self) {
        let control = &self.control;
        if let Some(start) = self.children.start.take() {
            let started = start.run(&control.child_tasks, &control.tasks, None);
            if let Err(refused) = started {
                // The service was dropped on its way up: it has no children any more.
                tracing::debug!(%refused, "children not started");
            }
        }
    }

    /// Writes down the children that had to be aborted, and lets nothing in any more.
    pub(super) fn note_children(&mut self, report: Option<Arc<TreeReport>>) {
        let children = &self.control.child_tasks;
        children.narrow(Gate::Closed);
        // The loop, too, which would go on looking after those that are stuck.
        children.abort_all();
        let Some(report) = report else { return };
        let late = report
            .children
            .iter()
            .filter(|child| matches!(child.how, StopHow::Aborted | StopHow::Stuck));
        let mut count = 0;
        for child in late {
            count += 1;
            self.late.push(child.path.to_string().into());
            if child.how == StopHow::Stuck {
                self.stuck.push(child.path.to_string().into());
            }
        }
        self.late_work(count, StopPart::Tasks);
    }

    /// Makes a child of what the node declares.
    fn of_task(&self, task: &'static TaskDecl<N>) -> anyhow::Result<ChildSpec> {
        let node = Arc::clone(&self.node);
        let spec = match &task.shape {
            TaskShape::Periodic(rounds) => {
                let mut period = match rounds.every {
                    Every::Fixed(every) => Period::every(every)?,
                    Every::Asked(ask) => {
                        let node = Arc::clone(&self.node);
                        Period::asked(move || ask(&node))
                    }
                };
                period = period
                    .jitter(rounds.jitter)?
                    .missed(rounds.missed)
                    .on_error(rounds.on_error)
                    .after_reloads(self.control.reloads());
                if let Some(delay) = rounds.initial_delay {
                    period = period.initial_delay(delay);
                }
                let round = move |cx: crate::supervisor::ChildContext| {
                    (task.work)(Arc::clone(&node), cx.into_task())
                };
                let spec = ChildSpec::periodic(task.name, period, round);
                match rounds.on_error {
                    OnError::Fail => spec.restart(RestartPolicy::Never).essential(),
                    OnError::Log => spec,
                }
            }
            TaskShape::Supervised(rule) => {
                let mut spec = ChildSpec::factory(task.name, move |cx| {
                    (task.work)(Arc::clone(&node), cx.into_task())
                });
                if let Some((base, max)) = rule.backoff {
                    spec = spec.backoff(Backoff::new(base, max)?);
                }
                if let Some((max, within)) = rule.max_restarts {
                    spec = spec.intensity(Intensity::new(max, within)?);
                }
                spec.restart(rule.restart).on_give_up(rule.on_give_up)
            }
        };
        Ok(spec.kind(task.kind).at_place(task.place))
    }
}

/// Makes a child of a provider's long work: what is recoverable ends it, anything else that the
/// policy does not answer with a restart is fatal.
fn of_runner(runner: Runner) -> ChildSpec {
    let Runner { name, policy, work } = runner;
    let make = move |task: TaskContext| {
        let work = work(task);
        let span = tracing::info_span!("provider", provider = name);
        let run = async move {
            match work.await {
                Err(error @ Error::Recoverable { .. }) => {
                    tracing::warn!(%error, "the service goes on");
                    Err(anyhow::Error::new(Finished))
                }
                result => result.map_err(anyhow::Error::from),
            }
        };
        run.instrument(span)
    };
    ChildSpec::factory(name, move |cx| make(cx.into_task()))
        .restart(policy)
        .on_give_up(OnGiveUp::Escalate)
        .essential()
}

/// What a stop waits for, in words.
pub(super) fn awaited(control: &Control) -> String {
    let children = control.child_tasks.snapshot();
    // The loop ends with the last of them.
    let children = children.iter().filter(|task| task.name != "supervisor");
    let shown = |task: &TaskSummary| match &task.label {
        Some(label) => label.to_string(),
        None => task.name.to_owned(),
    };
    let tasks = control.tasks.snapshot();
    let names: Vec<_> = tasks.iter().chain(children).map(shown).collect();
    if names.is_empty() {
        return "running calls".to_owned();
    }
    format!("{} task(s): {}", names.len(), counted(&names))
}
