//! Calling a provider's hook: inside a panic guard, and within its time.

use std::time::Duration;

use crate::error::{BoxFuture, Guarded};
use crate::event::{EventKind, ProviderChange, ProviderEvent};
use crate::registry::{Error, Phase, Result};
use crate::tasks::TaskRegistry;

/// What a hook that sets no limit of its own has for a reload.
pub(super) const RELOAD_LIMIT: Duration = Duration::from_secs(60);

/// Calls an asynchronous hook; `None` is no limit.
pub(super) async fn call<'a>(
    name: &'static str,
    phase: Phase,
    limit: Option<Duration>,
    make: impl FnOnce() -> BoxFuture<'a, Result<()>>,
) -> Result<()> {
    let mut hook = Guarded::new(make);
    let returned = match limit {
        None => Some((&mut hook).await),
        Some(limit) => tokio::time::timeout(limit, &mut hook).await.ok(),
    };
    // Dropped here, as its destructors are the hook's as well.
    let dropped = hook.dismiss();
    match (returned, dropped) {
        (Some(Ok(result)), _) => result.map_err(|error| error.surfaced(phase, name)),
        (Some(Err(panic)), _) | (None, Some(panic)) => Err(Error::Panicked { name, phase, panic }),
        (None, None) => {
            let limit = limit.unwrap_or_default();
            Err(Error::Timeout { name, phase, limit })
        }
    }
}

/// Writes into the journal of a service's tasks what happened to a provider.
pub(super) fn tell(tasks: &TaskRegistry, name: &'static str, change: ProviderChange) {
    if let Some(journal) = tasks.journal() {
        journal.record(EventKind::Provider(ProviderEvent { name, change }));
    }
}
