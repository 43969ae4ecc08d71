//! Shutting down what booted, in reverse.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::guard;
use crate::event::ProviderChange;
use crate::registry::call::{call, tell};
use crate::registry::{Error, Phase, Registry, Result};
use crate::tasks::TaskRegistry;

/// How long one may take that sets no timeout, where there is no deadline for all.
const EACH: Duration = Duration::from_secs(4);

impl<S: Send + Sync + 'static> Registry<S> {
    /// Shuts down what has booted, in the exact reverse order, each within its own time: its
    /// [timeout](crate::registry::Provider::shutdown_timeout), or four seconds.
    ///
    /// All are called, whatever fails, panics or hangs. A second call finds nothing to do.
    ///
    /// # Errors
    ///
    /// The failure, or [`Error::Many`] in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the provider whose hook was running counts as shut down, the others can be
    /// shut down by another call.
    pub async fn shutdown_all(&self, state: &S) -> Result<()> {
        self.shutdown_by(state, None, None).await
    }

    /// As above; with a deadline for all, each has an even part of what is left at most.
    /// What happens is told in the journal of `tasks`, if there is one.
    pub(crate) async fn shutdown_by(
        &self,
        state: &S,
        deadline: Option<Instant>,
        tasks: Option<&TaskRegistry>,
    ) -> Result<()> {
        let tell = |name, change| {
            if let Some(tasks) = tasks {
                tell(tasks, name, change);
            }
        };
        let _one = self.order.lock().await;
        let mut errors = Vec::new();
        loop {
            let (entry, left) = {
                let mut booted = self.booted.lock();
                let Some(entry) = booted.pop() else { break };
                (entry, booted.len())
            };
            let own = guard(|| entry.provider.shutdown_timeout()).unwrap_or_default();
            let part = deadline.map(|deadline| {
                let rest = deadline.saturating_duration_since(Instant::now());
                rest / u32::try_from(left + 1).unwrap_or(u32::MAX)
            });
            let limit = match (own, part) {
                (Some(own), Some(part)) => Some(own.min(part)),
                (None, None) => Some(EACH),
                (one, other) => one.or(other),
            };
            let hook = || entry.provider.shutdown(state);
            tell(entry.name, ProviderChange::Closing);
            let Err(error) = call(entry.name, Phase::Shutdown, limit, hook).await else {
                tell(entry.name, ProviderChange::Closed);
                continue;
            };
            tracing::error!(provider = entry.name, %error, "provider did not shut down");
            let text = error.to_string().into();
            tell(entry.name, ProviderChange::CloseFailed { error: text });
            errors.push(error);
        }
        Error::all(errors)
    }
}
