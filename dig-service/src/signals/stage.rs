//! What signals act on at the moment: `main`, or the services that run.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::control::{CodePolicy, Command, Reply, ServiceHandle};
use crate::error::Result;
use crate::shutdown::{ExitStatus, ShutdownReason};
use crate::signals::policy::{Action, Runs};

/// How long a `main` that is told to go may take until its future is dropped.
const MAIN_GRACE: Duration = Duration::from_secs(2);

/// The process has one set of signals, so it has one stage.
pub(crate) static STAGE: Stage = Stage::new();

/// Shared by the thread that sees the signals, the entry that runs the program, and every service
/// started under it.
#[derive(Debug)]
pub(crate) struct Stage {
    is_active: AtomicBool,
    policy: OnceLock<CodePolicy>,
    /// The signal that asked for the stop under way; 0 if none did.
    asked_by: AtomicU8,
    cast: Mutex<Cast>,
    changed: Condvar,
    abandon: OnceLock<watch::Sender<bool>>,
}

#[derive(Debug)]
struct Cast {
    main: Main,
    services: Vec<(u64, ServiceHandle)>,
    registered: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Main {
    Runs,
    /// It is to be dropped, for this reason.
    Abandoned(ShutdownReason),
    /// It was dropped unfinished.
    Dropped,
    /// It returned, and what it returned is over.
    Over,
}

/// What the thread must do that the stage cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    DefaultAction,
    Exit,
}

impl Stage {
    const fn new() -> Self {
        Self {
            is_active: AtomicBool::new(false),
            policy: OnceLock::new(),
            asked_by: AtomicU8::new(0),
            cast: Mutex::new(Cast {
                main: Main::Runs,
                services: Vec::new(),
                registered: 0,
            }),
            changed: Condvar::new(),
            abandon: OnceLock::new(),
        }
    }

    /// From now on the process is a program of ours: services that start are registered.
    pub(crate) fn activate(&self, policy: CodePolicy) {
        let _ = self.policy.set(policy);
        self.is_active.store(true, Ordering::Relaxed);
    }

    /// The exit code that an outcome will have.
    pub(crate) fn code(&self, outcome: &Result<ExitStatus>) -> u8 {
        self.policy().code(outcome, self.asked_by())
    }

    /// The signal that is to end the process, for the code it would exit with.
    pub(crate) fn reraised(&self, code: u8) -> Option<u8> {
        self.policy().reraised(code, self.asked_by())
    }

    fn policy(&self) -> CodePolicy {
        self.policy.get().copied().unwrap_or_default()
    }

    fn asked_by(&self) -> Option<u8> {
        let number = self.asked_by.load(Ordering::Relaxed);
        (number != 0).then_some(number)
    }

    /// Writes down that this signal is about to ask for a stop, if it is what asks.
    ///
    /// Before the deed: whoever sees the stop that it asks for sees the number.
    pub(super) fn note(&self, number: u8, runs: Runs, action: Action) {
        let asks = match action {
            Action::AbandonMain => true,
            Action::Graceful => runs == Runs::Service,
            _ => false,
        };
        if asks {
            // The request that follows passes through locks, which order this store.
            self.asked_by.store(number, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.is_active.load(Ordering::Relaxed)
    }

    /// Waits until `main` is to be dropped. A `main` that starts a service in time is not.
    pub(crate) async fn main_abandoned(&self) {
        let mut abandoned = self.abandon().subscribe();
        // The sender is static: it is never gone.
        let _ = abandoned.wait_for(|is_abandoned| *is_abandoned).await;
    }

    /// All is over but the end of the process: signals count towards a forced exit.
    pub(crate) fn main_over(&self) {
        self.lock().main = Main::Over;
        self.changed.notify_all();
    }

    /// Tells the thread that `main` has been dropped.
    pub(crate) fn main_dropped(&self) {
        self.lock().main = Main::Dropped;
        self.changed.notify_all();
    }

    /// Lets signals act on a service until the guard is dropped.
    ///
    /// A signal that came while `main` made the service is passed on to it.
    pub(crate) fn register(&'static self, handle: ServiceHandle) -> Registered {
        let mut cast = self.lock();
        if let Main::Abandoned(reason) = &cast.main {
            handle.request_shutdown(reason.clone());
            cast.main = Main::Runs;
            self.abandon().send_replace(false);
        } else if cast.services.is_empty() {
            self.asked_by.store(0, Ordering::Relaxed);
        }
        let id = cast.registered;
        cast.registered += 1;
        cast.services.push((id, handle));
        drop(cast);
        self.changed.notify_all();
        Registered { stage: self, id }
    }

    pub(super) fn runs(&self) -> Runs {
        let cast = self.lock();
        if cast.services.is_empty() && cast.main != Main::Over {
            Runs::Main
        } else if cast.services.iter().any(|(_, handle)| handle.is_running()) {
            Runs::Service
        } else {
            Runs::Stopping
        }
    }

    /// Does what was decided, as far as it can be done from here.
    pub(super) fn act(&self, action: Action) -> Then {
        match action {
            Action::Ignore => {}
            Action::Force => return Then::Exit,
            Action::AbandonMain => return self.abandon_main(ShutdownReason::UserRequested),
            Action::AbandonMainToReload => {
                return self.abandon_main(ShutdownReason::ReloadRequested);
            }
            Action::Graceful => {
                self.each(|handle| handle.request_shutdown(ShutdownReason::UserRequested));
            }
            Action::Hurry => {
                self.each(|handle| handle.hurry_shutdown(ShutdownReason::UserRequested));
            }
            Action::Report => self.report(),
            Action::Reload => self.each(ServiceHandle::reload),
        }
        Then::Nothing
    }

    /// Writes into the journals what arrived, if it was acted upon: the deed comes before the word.
    pub(super) fn tell(&self, name: &'static str, action: Action) {
        if !matches!(action, Action::Ignore | Action::Force) {
            self.each(|handle| handle.note_signal(name));
        }
    }

    /// Gives `main` its grace. If it has started a service meanwhile, that is asked to stop.
    fn abandon_main(&self, reason: ShutdownReason) -> Then {
        let mut cast = self.lock();
        if !cast.services.is_empty() {
            drop(cast);
            self.each(|handle| handle.request_shutdown(reason.clone()));
            return Then::Nothing;
        }
        cast.main = Main::Abandoned(reason);
        self.abandon().send_replace(true);
        let is_waiting = |cast: &mut Cast| matches!(cast.main, Main::Abandoned(_));
        let waited = self
            .changed
            .wait_timeout_while(cast, MAIN_GRACE, is_waiting);
        let (cast, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match &cast.main {
            Main::Runs | Main::Over => Then::Nothing,
            Main::Abandoned(_) | Main::Dropped => Then::DefaultAction,
        }
    }

    /// Writes the report from a thread of its own, as the log may be stuck.
    fn report(&self) {
        let services: Vec<_> = self
            .lock()
            .services
            .iter()
            .map(|(_, s)| s.clone())
            .collect();
        let thread = std::thread::Builder::new().name("dig-report".to_owned());
        // Without a thread there is no report; the signals must go on.
        let _ = thread.spawn(move || services.iter().for_each(tell));
    }

    fn each(&self, act: impl Fn(&ServiceHandle)) {
        // Outside the lock: a service that ends takes it.
        let services: Vec<_> = self
            .lock()
            .services
            .iter()
            .map(|(_, s)| s.clone())
            .collect();
        services.iter().for_each(act);
    }

    fn abandon(&self) -> &watch::Sender<bool> {
        self.abandon.get_or_init(|| watch::Sender::new(false))
    }

    fn lock(&self) -> MutexGuard<'_, Cast> {
        self.cast.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes where a service stands to the log, or to stderr in a program without one.
fn tell(service: &ServiceHandle) {
    if let Reply::Report(report) = service.send(Command::Report) {
        if tracing::dispatcher::has_been_set() {
            tracing::warn!("{report}");
        } else {
            let _ = writeln!(std::io::stderr(), "{report}");
        }
    }
}

/// Keeps a service registered.
#[derive(Debug)]
pub(crate) struct Registered {
    stage: &'static Stage,
    id: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.stage.lock().services.retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests;
