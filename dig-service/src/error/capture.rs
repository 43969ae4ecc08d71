//! Where a guarded panic happened: caught by a panic hook, told to the guard.
//!
//! A payload knows its message only. Once [`install`]ed (by `#[dig_main]` and by `panic::install`),
//! the hook leaves place and backtrace where the guard on the same thread finds them; then the hook
//! that was there before runs.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Once};

use crate::error::panicked::is_guarded;

/// What the hook saw of a panic.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) place: Option<Arc<str>>,
    pub(super) backtrace: Option<Arc<Backtrace>>,
}

thread_local! {
    static LAST: RefCell<Option<Origin>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Installs the hook, once per process.
pub(crate) fn install() {
    // The hook cannot be exchanged while the thread panics; the next call does it.
    if std::thread::panicking() {
        return;
    }
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if is_guarded() {
                note(info);
            }
            previous(info);
        }));
    });
}

/// Takes what the hook saw of the last guarded panic on this thread.
pub(super) fn take() -> Option<Origin> {
    LAST.try_with(RefCell::take).ok().flatten()
}

fn note(info: &PanicHookInfo<'_>) {
    // Captures only if `RUST_BACKTRACE` asks for it.
    let backtrace = Backtrace::capture();
    let is_captured = backtrace.status() == BacktraceStatus::Captured;
    let origin = Origin {
        place: info.location().map(|place| place.to_string().into()),
        backtrace: is_captured.then(|| Arc::new(backtrace)),
    };
    // A thread that ends has no such place any more; then there is nobody to tell, either.
    let _ = LAST.try_with(|last| last.replace(Some(origin)));
}
