//! Shutting down what booted, in reverse.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::guard;
use crate::registry::call::call;
use crate::registry::{Error, Phase, Registry, Result};

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
        self.shutdown_by(state, None).await
    }

    /// As above; with a deadline for all, each has an even part of what is left at most.
    pub(crate) async fn shutdown_by(&self, state: &S, deadline: Option<Instant>) -> Result<()> {
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
            if let Err(error) = call(entry.name, Phase::Shutdown, limit, hook).await {
                tracing::error!(provider = entry.name, %error, "provider did not shut down");
                errors.push(error);
            }
        }
        Error::all(errors)
    }
}
