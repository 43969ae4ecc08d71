//! The stop watchdog: a plain OS thread that ends the process when a stop outlasts its total (I29).
//!
//! No timer of the runtime can do this when its workers are stuck, so nothing here waits for it: the
//! thread waits for the token with a waker of its own, then for the end of the service.
//!
//! Meanwhile it sees to it that one blocked worker does not stop the timers of all: see
//! `Nudge`.

use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::control::{Control, ExitReport};
use crate::process::exit_now;
use crate::shutdown::{ExitReason, ShutdownReason};
use crate::tasks::nudge;

/// The exit code, as of `timeout(1)`.
const TIMED_OUT: u8 = 124;
/// What the end of a stop may take beyond its budgets: the transports close, the report is written.
const MARGIN: Duration = Duration::from_millis(500);

/// How often the timers are looked after.
const EVERY: Duration = Duration::from_secs(1);
/// The control loop beats once a second if timers go.
const LATE: Duration = Duration::from_millis(1500);

/// How long the report may take to be written.
const REPORT_GRACE: Duration = Duration::from_millis(200);

/// Ends the process if the service it watches outlasts its stop; dropped when the service is over.
#[derive(Debug)]
pub(crate) struct Watchdog {
    _service_lives: mpsc::Sender<()>,
}

impl Watchdog {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The operating system refuses the thread.
    pub(crate) fn start(control: Arc<Control>, total: Duration) -> io::Result<Self> {
        let (lives, is_over) = mpsc::channel();
        let thread = thread::Builder::new().name("dig-watchdog".to_owned());
        let nudge = Nudge {
            runtime: Handle::current(),
            control,
        };
        thread.spawn(move || watch(&nudge, total, &is_over))?;
        Ok(Self {
            _service_lives: lives,
        })
    }
}

/// Keeps the runtime's timers going.
struct Nudge {
    runtime: Handle,
    control: Arc<Control>,
}

impl Nudge {
    /// Wakes a worker if the control loop is late.
    ///
    /// In tokio one parked worker waits for timers and sockets, for all of them. If that one is woken
    /// by a task which then blocks its thread, the others sleep on, and nobody waits for timers any
    /// more. A worker that is woken from outside finds nothing to do, and takes that place.
    fn nudge(&self) {
        let silence = self.control.tasks.heartbeats().silence_of_control_loop();
        if silence.is_some_and(|silence| silence > LATE) {
            nudge(&self.runtime);
        }
    }
}

fn watch(nudge: &Nudge, total: Duration, is_over: &mpsc::Receiver<()>) {
    let control = &nudge.control;
    block_on(control.stop_requested(), || nudge.nudge());
    let began = Instant::now();
    loop {
        let granted = total.saturating_add(control.tasks.progress().extended());
        let left = granted
            .saturating_add(MARGIN)
            .saturating_sub(began.elapsed());
        if left.is_zero() {
            tell(control, granted);
            exit_now(i32::from(TIMED_OUT));
        }
        // The sender is never used: the channel closes when the service is over.
        if is_over.recv_timeout(left.min(EVERY)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        nudge.nudge();
    }
}

/// Writes the report from a thread of its own: who is stuck may hold stderr, or nobody reads it.
fn tell(control: &Arc<Control>, total: Duration) {
    let (told, is_told) = mpsc::channel();
    let control = Arc::clone(control);
    let thread = thread::Builder::new().name("dig-report".to_owned());
    let written = thread.spawn(move || {
        // The file first: stderr may be held, or full.
        if let Some(file) = &control.exit_report_file {
            exit_report(&control).write_to(file);
        }
        let _ = io::stderr().write_all(report(&control, total).as_bytes());
        let _ = told.send(());
    });
    if written.is_ok() {
        let _ = is_told.recv_timeout(REPORT_GRACE);
    }
}

/// What the process says before it is ended: where it stands, and who is left.
fn report(control: &Control, total: Duration) -> String {
    let (name, status) = (control.name, control.status());
    format!("error: stop of `{name}` took longer than {total:?}\n{status}\n")
}

/// The report of a service that did not end.
fn exit_report(control: &Control) -> ExitReport {
    let reason = control.shutdown.gravest_reason();
    let reason = reason.unwrap_or_else(|| ShutdownReason::Fatal("stop watchdog".to_owned()));
    ExitReport {
        service: control.name,
        reason: ExitReason::RequestedShutdown(reason),
        code: TIMED_OUT,
        phases: Vec::new(),
        restarts: control.supervised.restarts(),
        errors: Vec::new(),
        late: Vec::new(),
        stuck: control
            .tasks
            .snapshot_all()
            .iter()
            .map(|task| task.name.into())
            .collect(),
    }
}

/// Waits for a future that needs no runtime, and does something else now and then.
fn block_on(future: impl Future<Output = ()>, beside: impl Fn()) {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Pending {
        thread::park_timeout(EVERY);
        beside();
    }
}
