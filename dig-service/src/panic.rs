//! Panics as tracing events; feature `structured-panic`.
//!
//! A panic inside a guarded hook, task or RPC call follows that thing's own policy: it is the
//! hook's error, the task's outcome, the call's internal error. Any other panic (on a thread of the
//! user's, in a raw `tokio::spawn`) is one that nobody answers for: after [`install`] it stops the
//! service with `Fatal`.

use std::any::Any;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::control::ServiceHandle;
use crate::error::{capture, is_guarded};
use crate::shutdown::ShutdownReason;
use crate::sync::Lock;

static SERVICES: Lock<Vec<ServiceHandle>> = Lock::new(Vec::new());
static HOOK: Once = Once::new();

/// Turns panics into `tracing::error!` events, and lets one that nobody answers for stop `service`.
///
/// The hook that was there before is kept and runs afterwards. Calling this again, for the same
/// service or another, is harmless: the hook is installed once, and an unguarded panic stops every
/// service that was named.
///
/// # Examples
///
/// ```
/// # struct Node;
/// # impl dig_service::NodeLifecycle for Node {}
/// let service = dig_service::Service::new(Node, (), ());
/// dig_service::panic::install(&service.handle());
///
/// let _ = std::thread::spawn(|| panic!("nobody answers for this")).join();
/// assert!(!service.handle().is_running());
/// ```
pub fn install(service: &ServiceHandle) {
    let mut services = SERVICES.lock();
    services.retain(|known| known.is_running() && !known.is_of_same_service(service));
    services.push(service.clone());
    drop(services);
    // The hook cannot be exchanged while the thread panics; the next call does it.
    if std::thread::panicking() {
        return;
    }
    capture::install();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            report(info);
            previous(info);
        }));
    });
}

fn report(info: &PanicHookInfo<'_>) {
    let message = text_of(info.payload());
    let place = info.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("an unknown place");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let guarded = is_guarded();
    tracing::error!(panic = message, place, thread, guarded, "panic");
    if guarded {
        return;
    }
    // Out of the lock before anyone is woken.
    let services = std::mem::take(&mut *SERVICES.lock());
    for service in services {
        let what = format!("panic at {place}: {message}");
        service.request_shutdown(ShutdownReason::Fatal(what));
    }
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic whose payload is not text")
}
