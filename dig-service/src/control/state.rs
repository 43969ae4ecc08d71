//! What the driver publishes and handles read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::control::{Command, ExitReport, Reply, StatusReport, Supervised};
use crate::event::{EventKind, Journal};
use crate::phase::Phase;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::sync::Lock;
use crate::tasks::{Gate, TaskRegistry};

/// The state of one service, shared by its driver and its handles.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) name: &'static str,
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
    /// Never waits: it may be called by the thread of the signals.
    pub(crate) fn carry_out(&self, command: Command) -> Reply {
        if let Command::Report = command {
            return Reply::Report(self.status());
        }
        if self.phase() == Phase::Stopped {
            self.shutdown.cancel(command.reason());
            return Reply::Over;
        }
        let label = command.label();
        if matches!(command, Command::Reload) && self.has_reload {
            // While stopping it is ignored (I11); while starting, it is done once it runs.
            if !self.is_stop_requested() {
                self.reload.notify_one();
            }
            self.journal
                .record(EventKind::CommandTaken { command: label });
            return Reply::Accepted;
        }
        let is_hurried = matches!(command, Command::Hurry(_));
        self.request_shutdown(command.reason());
        if is_hurried && self.hurried.set(()).is_ok() {
            self.hurry.cancel();
            self.journal.record(EventKind::ShutdownHurried);
        }
        // The deed before the word.
        self.journal
            .record(EventKind::CommandTaken { command: label });
        Reply::Accepted
    }

    /// Waits for a request to reload; those that come meanwhile are one.
    pub(crate) async fn reload_requested(&self) {
        self.reload.notified().await;
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
        tracing::info!(%report, "stopped");
        if let Some(file) = &self.exit_report_file {
            report.write_to(file);
        }
        let code = report.code;
        let _ = self.exit_report.set(report);
        self.enter(Phase::Stopped);
        self.journal.record(EventKind::Ended { code });
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
