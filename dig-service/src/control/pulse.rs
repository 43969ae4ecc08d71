//! The control loop: a task of every service that has to be scheduled to be alive, and that tells
//! whose heartbeats have become stale.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::control::Control;
use crate::event::EventKind;
use crate::tasks::{Found, Judged, TaskKind};

/// The name in events and reports.
const NAME: &str = "control loop";
/// How often the loop itself beats.
const EVERY: Duration = Duration::from_secs(1);
/// A runtime that cannot schedule a task for so long is not alive.
const LIMIT: Duration = Duration::from_secs(5);
/// However short a limit is, the loop does not spin.
const AT_MOST_EVERY: Duration = Duration::from_millis(10);

impl Control {
    /// Starts the control loop, which ends with the transports.
    pub(crate) fn start_pulse(self: &Arc<Self>) {
        let (control, tasks) = (Arc::clone(self), &self.transport_tasks);
        let token = tasks.shutdown().clone();
        tasks.spawn("heartbeats", TaskKind::Maintenance, async move {
            tokio::select! {
                () = token.cancelled() => {}
                () = control.watch_heartbeats() => {}
            }
            Ok(())
        });
    }

    async fn watch_heartbeats(&self) {
        let heartbeats = self.tasks.heartbeats();
        let own = heartbeats.register(NAME, LIMIT, Judged::ControlLoop);
        loop {
            // The look before the beat: a loop that was not scheduled for too long says so.
            let found = heartbeats.look(self.judged());
            own.beat();
            let next = found.next.map_or(EVERY, |next| next.min(EVERY));
            self.tell_heartbeats(found);
            // A moment later, as who is silent for exactly the limit is not stale yet.
            let next = next.saturating_add(Duration::from_millis(1));
            tokio::select! {
                () = heartbeats.changed() => {}
                () = sleep(next.max(AT_MOST_EVERY)) => {}
            }
        }
    }

    fn tell_heartbeats(&self, found: Found) {
        for (heartbeat, silence) in found.silent {
            tracing::warn!(heartbeat, ?silence, "heartbeat is stale");
            let name = heartbeat;
            self.journal.record(EventKind::HeartbeatStale { name });
        }
        for heartbeat in found.back {
            tracing::info!(heartbeat, "heartbeat is no longer stale");
            let name = heartbeat;
            self.journal.record(EventKind::HeartbeatRecovered { name });
        }
    }

    /// Whose heartbeats count at the moment.
    pub(crate) fn judged(&self) -> Judged {
        if self.is_stop_requested() {
            Judged::ControlLoop
        } else {
            Judged::All
        }
    }
}

#[cfg(test)]
mod tests;
