//! What the driver publishes and handles read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::control::{Command, ExitReport, Reply, StatusReport, Supervised};
use crate::event::{Audit, CommandEvent, EventKind, Journal};
use crate::phase::Phase;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::sync::Lock;
use crate::tasks::{Gate, TaskRegistry};

/// The state of one service, shared by its driver and its handles.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) name: &'static str,
    pub(crate) built_at: Instant,
    pub(crate) shutdown: ShutdownToken,
    /// Fired by a second request from the outside: graces are skipped.
    pub(crate) hurry: CancellationToken,
    /// Fired by a request that the drain delay holds back from the token.
    pub(crate) requested: CancellationToken,
    pub(crate) tasks: TaskRegistry,
    /// The scope of `run`.
    pub(crate) run_tasks: TaskRegistry,
    /// The scope of the supervised children and of the loop that looks after them.
    pub(crate) child_tasks: TaskRegistry,
    pub(crate) supervised: Arc<dyn Supervised>,
    /// The scope of reloads, which ends before the providers do.
    pub(crate) reload_tasks: TaskRegistry,
    /// The scope of the transports, whose token fires last.
    pub(crate) transport_tasks: TaskRegistry,
    pub(crate) journal: Journal,
    pub(crate) rpc_http_addr: OnceLock<SocketAddr>,
    pub(crate) exit_report: OnceLock<ExitReport>,
    /// Where the exit report is written to, beside the log.
    pub(crate) exit_report_file: Option<PathBuf>,
    awaited: Lock<Option<String>>,
    noted: OnceLock<()>,
    hurried: OnceLock<()>,
    has_drain_delay: bool,
    /// Whether there is something to reload in place.
    has_reload: bool,
    /// Holds one request that was not taken yet.
    reload: Notify,
    /// The command that this request came with: the first, if there are several.
    reload_cause: Lock<Option<Arc<str>>>,
    /// How many commands came without an id.
    numbered: AtomicU64,
    /// How many reloads have succeeded.
    reloads: watch::Sender<u64>,
    /// Whether the last reload failed midway.
    is_mixed: AtomicBool,
    phase: watch::Sender<Phase>,
}

/// What the state has to know of how the service was built.
#[derive(Clone, Debug)]
pub(crate) struct ControlSettings {
    pub(crate) has_drain_delay: bool,
    pub(crate) has_reload: bool,
    pub(crate) exit_report_file: Option<PathBuf>,
    pub(crate) supervised: Arc<dyn Supervised>,
}

#[cfg(test)]
impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            has_drain_delay: false,
            has_reload: false,
            exit_report_file: None,
            supervised: Arc::new(crate::control::supervised::Childless),
        }
    }
}

impl Control {
    pub(crate) fn new(name: &'static str, settings: ControlSettings) -> Self {
        let ControlSettings {
            has_drain_delay,
            has_reload,
            exit_report_file,
            supervised,
        } = settings;
        let shutdown = ShutdownToken::new();
        let journal = Journal::new();
        let tasks = TaskRegistry::with_journal(shutdown.clone(), journal.clone());
        Self {
            name,
            built_at: Instant::now(),
            run_tasks: tasks.framework_scope("run", shutdown.clone()),
            child_tasks: tasks.framework_scope("children", ShutdownToken::new()),
            supervised,
            reload_tasks: tasks.framework_scope("reload", ShutdownToken::new()),
            transport_tasks: tasks.framework_scope("transports", ShutdownToken::new()),
            tasks,
            shutdown,
            hurry: CancellationToken::new(),
            requested: CancellationToken::new(),
            has_drain_delay,
            has_reload,
            reload: Notify::new(),
            reload_cause: Lock::default(),
            numbered: AtomicU64::new(0),
            reloads: watch::Sender::new(0),
            is_mixed: AtomicBool::new(false),
            journal,
            rpc_http_addr: OnceLock::new(),
            exit_report: OnceLock::new(),
            exit_report_file,
            awaited: Lock::default(),
            noted: OnceLock::new(),
            hurried: OnceLock::new(),
            phase: watch::Sender::new(Phase::New),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(crate) fn watch_phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Moves to a later phase; one event each.
    pub(crate) fn enter(&self, phase: Phase) {
        let moved = self.phase.send_if_modified(|current| {
            let moves = phase > *current;
            if moves {
                *current = phase;
            }
            moves
        });
        if moved {
            self.journal.record(EventKind::PhaseEntered { phase });
        }
    }

    /// Carries out a command: the one way in which a service is steered from outside.
    ///
    /// Never waits: it may be called by the thread of the signals. With an audit the word comes
    /// before the deed, as it is to be known who did it whatever follows; without one the deed comes
    /// first.
    pub(crate) fn carry_out(&self, command: Command, audit: Option<Audit>) -> Reply {
        if let Command::Report = command {
            return Reply::Report(self.status());
        }
        // With the report everything is said: what comes while the transports close comes too late.
        if self.exit_report.get().is_some() {
            self.shutdown.cancel(command.reason());
            return Reply::Over;
        }
        if matches!(command, Command::Reload) && self.has_reload && self.is_stop_requested() {
            // I11.
            return Reply::Stopping;
        }
        let cause = audit.as_ref().and_then(Audit::shared_correlation);
        let cause = cause.unwrap_or_else(|| {
            let number = self.numbered.fetch_add(1, Ordering::Relaxed) + 1;
            format!("command-{number}").into()
        });
        let taken = EventKind::CommandTaken(CommandEvent {
            command: command.label(),
            audit,
        });
        let is_audited = matches!(&taken, EventKind::CommandTaken(c) if c.audit.is_some());
        if is_audited {
            self.journal.record_caused(taken, Some(Arc::clone(&cause)));
            self.do_it(command, cause);
        } else {
            self.do_it(command, Arc::clone(&cause));
            self.journal.record_caused(taken, Some(cause));
        }
        Reply::Accepted
    }

    fn do_it(&self, command: Command, cause: Arc<str>) {
        if matches!(command, Command::Reload) && self.has_reload {
            // While starting, it is done once it runs.
            self.reload_cause.lock().get_or_insert(cause);
            self.reload.notify_one();
            return;
        }
        let is_hurried = matches!(command, Command::Hurry(_));
        if !self.is_stop_requested() {
            self.journal.set_cause(Arc::clone(&cause));
        }
        self.request_shutdown(command.reason());
        if is_hurried && self.hurried.set(()).is_ok() {
            self.hurry.cancel();
            self.journal
                .record_caused(EventKind::ShutdownHurried, Some(cause));
        }
    }

    /// Waits for a request to reload, and gives the command that it came with; those that come
    /// meanwhile are one.
    pub(crate) async fn reload_requested(&self) -> Arc<str> {
        loop {
            self.reload.notified().await;
            // None: it came with one that was taken before.
            if let Some(cause) = self.reload_cause.lock().take() {
                return cause;
            }
        }
    }

    /// Notes that a reload has changed something: all, or a part.
    pub(crate) fn note_reload(&self, is_mixed: bool) {
        self.is_mixed.store(is_mixed, Ordering::Relaxed);
        if !is_mixed {
            self.reloads.send_modify(|reloads| *reloads += 1);
        }
    }

    /// Tells of the number of reloads that have succeeded.
    pub(crate) fn reloads(&self) -> watch::Receiver<u64> {
        self.reloads.subscribe()
    }

    /// Whether there is something to reload in place.
    pub(crate) const fn has_reload(&self) -> bool {
        self.has_reload
    }

    /// Whether a best-effort task or a reload has failed.
    pub(crate) fn is_degraded(&self) -> bool {
        self.tasks.is_degraded() || self.is_mixed.load(Ordering::Relaxed)
    }

    pub(crate) fn status(&self) -> StatusReport {
        let is_stopping = self.is_stop_requested();
        StatusReport {
            service: self.name,
            phase: self.phase(),
            reason: self.shutdown.reason().filter(|_| is_stopping),
            awaited: self.awaited.lock().clone(),
            tasks: self.tasks.snapshot_all(),
        }
    }

    /// Publishes how the service ended: to the log, the file, the handles, the journal.
    ///
    /// The report before the phase: who sees `Stopped` can read it.
    pub(crate) fn conclude(&self, report: ExitReport) {
        if self.exit_report.get().is_some() {
            // It was dropped while its transports closed.
            return;
        }
        tracing::info!(%report, "stopped");
        if let Some(file) = &self.exit_report_file {
            report.write_to(file);
        }
        let code = report.code;
        let _ = self.exit_report.set(report);
        let phase = Phase::Stopped;
        self.journal.record(EventKind::PhaseEntered { phase });
        self.journal.record(EventKind::Ended { code });
    }

    /// Shows the service as stopped: its report is out, and its transports are closed.
    pub(crate) fn finish(&self) {
        self.phase.send_replace(Phase::Stopped);
    }

    pub(crate) fn set_awaited(&self, awaited: Option<String>) {
        *self.awaited.lock() = awaited;
    }

    fn request_shutdown(&self, reason: ShutdownReason) {
        // The driver writes the event, as user code may also cancel the token itself.
        let is_held_back = self.phase() == Phase::Running || self.requested.is_cancelled();
        if self.has_drain_delay && is_held_back {
            // I26: the reason at once, the token after the delay.
            self.shutdown.announce(reason);
            self.requested.cancel();
        } else {
            self.shutdown.cancel(reason);
        }
    }

    /// Writes the event of the stop, once, when the driver has seen it.
    pub(crate) fn note_shutdown(&self) {
        if let Some(reason) = self.shutdown.reason()
            && self.noted.set(()).is_ok()
        {
            tracing::info!(%reason, "stopping");
            self.journal.record(EventKind::ShutdownRequested { reason });
        }
    }

    /// Whether anyone has asked for a stop, be the token held back or not.
    pub(crate) fn is_stop_requested(&self) -> bool {
        self.shutdown.is_cancelled() || self.requested.is_cancelled()
    }

    /// Waits until anyone has asked for a stop.
    pub(crate) async fn stop_requested(&self) {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = self.requested.cancelled() => {}
        }
    }

    /// Aborts all tasks, without waiting for them.
    pub(crate) fn abort_everything(&self) {
        let (user, run) = (&self.tasks, &self.run_tasks);
        let (children, reloads) = (&self.child_tasks, &self.reload_tasks);
        for tasks in [user, run, children, reloads, &self.transport_tasks] {
            tasks.narrow(Gate::Closed);
            tasks.abort_all();
        }
    }
}
