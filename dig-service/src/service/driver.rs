//! The driver: does what the lifecycle plan says, and writes down how it went.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;
use tracing::Instrument;

use crate::control::{Control, ServiceHandle};
use crate::error::{Guarded, Result, shown};
use crate::event::EventKind;
use crate::lifecycle::{
    Deadlines, Ledger, NodeLifecycle, StartContext, Step, StepEnd, StopClock, StopContext,
    StopPart, next_step,
};
use crate::phase::Phase;
use crate::service::attachment::{Attach, AttachContext, Attachment, Limit, OpenContext};
use crate::service::children::{Children, Declared, awaited};
use crate::service::hooks::HookCall;
use crate::service::providers::{Providers, ReloadFailure};
use crate::service::run::{RunEnd, Running};
use crate::service::waiting::{begin_stop, telling};
use crate::shutdown::{ExitStatus, ShutdownReason};
use crate::tasks::{Gate, JoinReport};

/// How long the transports may take to close, and once more to be aborted: idle connections end at
/// once, and running calls were waited for before.
const CLOSE_GRACE: Duration = Duration::from_millis(200);

/// What is attached to a service: views, and transports.
#[derive(Default)]
pub(super) struct Attachments {
    pub(super) views: Vec<Box<dyn Attach>>,
    pub(super) transports: Vec<Box<dyn Attachment>>,
    pub(super) providers: Option<Arc<dyn Providers>>,
    pub(super) on_failed_reload: ReloadFailure,
    pub(super) children: Option<Declared>,
}

pub(super) struct Driver<N> {
    pub(super) node: Arc<N>,
    pub(super) control: Arc<Control>,
    pub(super) deadlines: Deadlines,
    attached: Vec<Box<dyn Attach>>,
    transports: Vec<Box<dyn Attachment>>,
    pub(super) providers: Option<Arc<dyn Providers>>,
    pub(super) on_failed_reload: ReloadFailure,
    pub(super) children: Children,
    pub(super) ledger: Ledger,
    /// Set when the stop begins.
    pub(super) clock: Option<StopClock>,
    pub(super) phases: Vec<(Phase, Instant)>,
    pub(super) late: Vec<Cow<'static, str>>,
    pub(super) stuck: Vec<Cow<'static, str>>,
    /// What `start` returns, once it is known.
    result: Option<Result<ExitStatus>>,
}

impl<N: NodeLifecycle> Driver<N> {
    pub(super) fn new(
        node: Arc<N>,
        control: Arc<Control>,
        deadlines: Deadlines,
        attachments: Attachments,
    ) -> Self {
        Self {
            node,
            control,
            deadlines,
            attached: attachments.views,
            transports: attachments.transports,
            providers: attachments.providers,
            on_failed_reload: attachments.on_failed_reload,
            children: attachments.children.map(Children::new).unwrap_or_default(),
            ledger: Ledger::new(),
            clock: None,
            phases: Vec::new(),
            late: Vec::new(),
            stuck: Vec::new(),
            result: None,
        }
    }

    pub(super) async fn run(&mut self) -> Result<ExitStatus> {
        let span = tracing::info_span!("service", name = self.control.name);
        self.control.tasks.set_span(span.clone());
        self.control
            .tasks
            .progress()
            .begin(self.deadlines.rule, None);
        self.walk().instrument(span.clone()).await;
        // A service that never began has nothing to close.
        let result = self.result.take();
        let result = result.unwrap_or_else(|| span.in_scope(|| self.conclude()));
        self.control.finish();
        result
    }

    async fn walk(&mut self) {
        let control = Arc::clone(&self.control);
        while let Some(step) = next_step(&mut self.ledger, control.shutdown.is_cancelled()) {
            let end = self.perform(step).await;
            if let StepEnd::Failed(error) = &end {
                // At debug only: the error is returned, or told in the report.
                tracing::debug!(step = step.label(), error = shown(error), "step failed");
            }
            self.ledger.record(step, end);
        }
    }

    async fn perform(&mut self, step: Step) -> StepEnd {
        match step {
            Step::Attach => self.attach().await,
            Step::PreStart => self.start_hook(Some(Phase::PreStart), step).await,
            Step::Open => self.open().await,
            Step::Boot => self.boot().await,
            Step::OnStart => self.start_hook(None, step).await,
            Step::Run => self.run_node().await,
            Step::Join => self.join().await,
            Step::OnStop => {
                self.stop_hook(Some(Phase::OnStop), step, StopPart::OnStop)
                    .await
            }
            Step::Providers => self.close_providers().await,
            Step::PostStop => {
                self.stop_hook(Some(Phase::PostStop), step, StopPart::PostStop)
                    .await
            }
            Step::Cleanup => self.stop_hook(None, step, StopPart::Cleanup).await,
            Step::Close => self.close().await,
        }
    }

    async fn start_hook(&mut self, phase: Option<Phase>, step: Step) -> StepEnd {
        if let Some(phase) = phase {
            self.enter(phase);
        }
        let (node, control) = (&self.node, &self.control);
        let context = StartContext {
            name: control.name,
            shutdown: control.shutdown.clone(),
            tasks: &control.tasks,
        };
        let call = HookCall::new(control, step, || match step {
            Step::OnStart => node.on_start(&context),
            _ => node.pre_start(&context),
        });
        call.start(self.deadlines, &mut self.clock).await
    }

    async fn stop_hook(&mut self, phase: Option<Phase>, step: Step, part: StopPart) -> StepEnd {
        if let Some(phase) = phase {
            self.enter(phase);
        }
        let deadline = self.clock().deadline(part);
        let (node, control) = (&self.node, &self.control);
        let context = StopContext {
            shutdown: control.shutdown.clone(),
            tasks: &control.tasks,
            exit_reason: self.ledger.exit_reason(control.shutdown.gravest_reason()),
        };
        let call = HookCall::new(control, step, || match step {
            Step::OnStop => node.on_stop(&context),
            Step::PostStop => node.post_stop(&context),
            _ => node.cleanup(&context),
        });
        call.stop(deadline).await
    }

    /// Starts what is attached, one after the other.
    async fn attach(&mut self) -> StepEnd {
        self.control.start_pulse();
        // Before any hook (I43).
        if let Some(Err(error)) = self.providers.as_ref().map(|providers| providers.check()) {
            return StepEnd::Failed(Arc::new(error));
        }
        if let Err(error) = self.plan_children() {
            return StepEnd::Failed(Arc::new(error));
        }
        if self.attached.is_empty() {
            return StepEnd::Ok;
        }
        let (control, attached) = (&self.control, &mut self.attached);
        let starting = async move {
            for attachment in attached {
                let context = AttachContext {
                    service: ServiceHandle::new(Arc::clone(control)),
                    tasks: control.transport_tasks.scope(attachment.name()),
                };
                let what = attachment.name();
                let started = attachment.start(context).await;
                started.with_context(|| format!("attachment `{what}` did not start"))?;
            }
            Ok(())
        };
        let call = HookCall::new(control, Step::Attach, || Box::pin(starting));
        call.start(self.deadlines, &mut self.clock).await
    }

    /// Binds the transports, one after the other.
    async fn open(&mut self) -> StepEnd {
        self.enter(Phase::Start);
        if self.transports.is_empty() {
            return StepEnd::Ok;
        }
        let (control, transports) = (&self.control, &mut self.transports);
        let opening = async move {
            for transport in transports {
                let context = OpenContext {
                    control: Arc::clone(control),
                    tasks: control.transport_tasks.clone(),
                };
                transport.open(context).await?;
            }
            Ok(())
        };
        let call = HookCall::new(control, Step::Open, || Box::pin(opening));
        call.start(self.deadlines, &mut self.clock).await
    }

    async fn run_node(&mut self) -> StepEnd {
        self.start_children();
        self.start_reloads();
        self.enter(Phase::Running);
        tracing::info!("running");
        let control = Arc::clone(&self.control);
        let deadlines = self.deadlines;
        let running = Running::spawn(&self.node, &control);
        let clock = OnceLock::new();
        let begin = || *clock.get_or_init(|| begin_stop(&control, deadlines));
        let children = async {
            control.shutdown.cancelled().await;
            let deadline = begin().deadline(StopPart::Tasks);
            let reason = control.shutdown.reason();
            let reason = reason.unwrap_or(ShutdownReason::UserRequested);
            self.children.begin_shutdown(deadline, reason);
        };
        // `run` returns, or is given its time, while the children stop.
        let ((end, clock), ()) = tokio::join!(running.end(begin), children);
        self.clock = Some(clock);
        self.phases.push((Phase::Draining, clock.began()));
        match end {
            RunEnd::Unasked(Ok(())) => {
                self.ledger.record_completed();
                StepEnd::Ok
            }
            RunEnd::Asked(Ok(())) => StepEnd::Ok,
            RunEnd::Unasked(Err(error)) | RunEnd::Asked(Err(error)) => {
                StepEnd::Failed(Arc::new(error))
            }
            RunEnd::Aborted => {
                self.late.push("run".into());
                self.stuck.extend(
                    control
                        .run_tasks
                        .snapshot()
                        .iter()
                        .map(|task| task.name.into()),
                );
                self.ledger
                    .record_late(1, granted(&control, clock, StopPart::Run));
                StepEnd::Cancelled(None)
            }
        }
    }

    /// Waits for calls and tasks side by side, under one deadline.
    async fn join(&mut self) -> StepEnd {
        let clock = self.clock();
        self.enter(Phase::Joining);
        let control = Arc::clone(&self.control);
        control.tasks.narrow(Gate::Closed);
        self.tell_tasks();
        let deadline = clock.deadline(StopPart::Tasks);
        let limit = Limit::with_rest(&control, deadline);
        let calls = async {
            let mut cut = 0;
            for attachment in &mut self.transports {
                cut += attachment.drain(limit.clone()).await;
            }
            cut
        };
        let tasks = async {
            let is_idle = tokio::select! {
                biased;
                _ = control.tasks.idle_by(None) => true,
                () = limit.reached() => false,
            };
            if is_idle {
                return JoinReport::default();
            }
            control
                .tasks
                .abort_and_join(Instant::now() + limit.rest())
                .await
        };
        let children = self.children.ended(&control);
        let all = async { tokio::join!(calls, tasks, children) };
        let (cut, report, children) = telling(&control, || awaited(&control), all).await;
        let had = granted(&control, clock, StopPart::Tasks);
        self.ledger.record_late(cut, had);
        self.late
            .extend(std::iter::repeat_n(Cow::Borrowed("rpc call"), cut));
        self.late_tasks(&report, StopPart::Tasks);
        self.note_children(children);
        StepEnd::Ok
    }

    /// Writes down the tasks that outlasted what a part of the stop gave them.
    pub(super) fn late_tasks(&mut self, report: &JoinReport, part: StopPart) {
        self.late_work(report.late.len(), part);
        let journal = &self.control.journal;
        for task in &report.late {
            journal.record(EventKind::TaskLate { name: task.name });
            self.late.push(task.name.into());
        }
        for task in &report.stuck {
            journal.record(EventKind::TaskStuck { name: task.name });
            self.stuck.push(task.name.into());
        }
    }

    /// Writes down how much outlasted what a part of the stop gave it.
    pub(super) fn late_work(&mut self, count: usize, part: StopPart) {
        let clock = self.clock();
        let had = granted(&self.control, clock, part);
        self.ledger.record_late(count, had);
    }

    /// Fires the token for the tasks of a start that failed.
    fn tell_tasks(&self) {
        if !self.control.shutdown.is_cancelled()
            && let Some((step, error)) = self.ledger.errors().next()
        {
            let what = format!("{} failed: {}", step.label(), shown(error));
            self.control.shutdown.cancel(ShutdownReason::Fatal(what));
        }
        self.control.note_shutdown();
    }

    /// Closes the transports: their tasks end with their own token, which fires last. The report is
    /// out before, so that they can tell of it (I56).
    async fn close(&mut self) -> StepEnd {
        self.result = Some(self.conclude());
        for attachment in &mut self.attached {
            let what = attachment.name();
            let stopping = tokio::time::timeout(CLOSE_GRACE, Guarded::new(|| attachment.stop()));
            match stopping.await {
                Ok(Ok(())) => {}
                Ok(Err(panic)) => tracing::error!(what, panic = panic.message(), "stop panicked"),
                Err(_) => tracing::warn!(what, "did not stop in time"),
            }
        }
        let transports = &self.control.transport_tasks;
        transports.shutdown().cancel(ShutdownReason::RequestedByRun);
        transports.narrow(Gate::Closed);
        if !transports.idle_by(Some(Instant::now() + CLOSE_GRACE)).await {
            let report = transports
                .abort_and_join(Instant::now() + CLOSE_GRACE)
                .await;
            for task in &report.stuck {
                tracing::error!(task = task.name, "does not yield; left behind");
            }
        }
        StepEnd::Ok
    }

    fn enter(&mut self, phase: Phase) {
        self.phases.push((phase, Instant::now()));
        self.control.enter(phase);
    }

    /// The clock of the stop, which begins now at the latest.
    pub(super) fn clock(&mut self) -> StopClock {
        *self
            .clock
            .get_or_insert_with(|| begin_stop(&self.control, self.deadlines))
    }
}

/// How long those who are late had, counted from the beginning of the stop.
fn granted(control: &Control, clock: StopClock, part: StopPart) -> Duration {
    if control.hurry.is_cancelled() {
        clock.began().elapsed()
    } else {
        clock.budget(part)
    }
}
