//! What signals act on at the moment: `main`, or the service that it made.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::control::ServiceHandle;
use crate::shutdown::ShutdownReason;
use crate::signals::policy::{Action, Runs};

/// How long a `main` that is told to go may take until its future is dropped.
const MAIN_GRACE: Duration = Duration::from_secs(2);

/// Shared by the thread that sees the signals and the entry that runs the program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    acts: Mutex<Acts>,
    changed: Condvar,
    abandon: CancellationToken,
}

#[derive(Debug, Default)]
enum Acts {
    #[default]
    Main,
    /// `main` was dropped unfinished.
    Dropped,
    Service(ServiceHandle),
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
    /// Waits until `main` is to be dropped.
    pub(crate) async fn main_abandoned(&self) {
        self.shared.abandon.cancelled().await;
    }

    /// Tells the thread that `main` has been dropped.
    pub(crate) fn main_dropped(&self) {
        self.set(Acts::Dropped);
    }

    /// From now on signals act on this service.
    pub(crate) fn service(&self, handle: ServiceHandle) {
        self.set(Acts::Service(handle));
    }

    /// The service is over: only a forced exit is left to ask for.
    pub(crate) fn over(&self) {
        self.set(Acts::Over);
    }

    pub(super) fn runs(&self) -> Runs {
        match &*self.lock() {
            Acts::Main | Acts::Dropped => Runs::Main,
            Acts::Service(handle) if handle.is_running() => Runs::Service,
            Acts::Service(_) | Acts::Over => Runs::Stopping,
        }
    }

    /// Does what was decided, as far as it can be done from here.
    pub(super) fn act(&self, action: Action) -> Then {
        match action {
            Action::Ignore => Then::Nothing,
            Action::Force => Then::Exit,
            Action::AbandonMain => self.abandon_main(),
            Action::Graceful => self.with_service(|handle| {
                handle.request_shutdown(ShutdownReason::UserRequested);
            }),
            Action::Hurry => {
                self.with_service(|handle| handle.hurry_shutdown(ShutdownReason::UserRequested))
            }
            Action::Reload => self.with_service(ServiceHandle::reload),
        }
    }

    /// Gives `main` its grace. If it hands over a service meanwhile, that is asked to stop.
    fn abandon_main(&self) -> Then {
        self.shared.abandon.cancel();
        let acts = self.lock();
        let is_main = |acts: &mut Acts| matches!(acts, Acts::Main);
        let waited = self
            .shared
            .changed
            .wait_timeout_while(acts, MAIN_GRACE, is_main);
        let (acts, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match &*acts {
            Acts::Main | Acts::Dropped => Then::DefaultAction,
            Acts::Service(handle) => {
                handle.request_shutdown(ShutdownReason::UserRequested);
                Then::Nothing
            }
            Acts::Over => Then::Nothing,
        }
    }

    fn with_service(&self, act: impl FnOnce(&ServiceHandle)) -> Then {
        if let Acts::Service(handle) = &*self.lock() {
            act(handle);
        }
        Then::Nothing
    }

    fn set(&self, acts: Acts) {
        *self.lock() = acts;
        self.shared.changed.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Acts> {
        self.shared
            .acts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
