//! Waking a worker of a runtime from outside.

use tokio::runtime::Handle;

/// Wakes a worker that sleeps, by a task that does nothing and is not counted.
pub(crate) fn nudge(runtime: &Handle) {
    drop(runtime.spawn(std::future::ready(())));
}
