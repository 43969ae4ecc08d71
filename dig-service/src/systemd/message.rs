//! What each event is worth telling: a decision without a socket or a clock in it.

use std::time::Duration;

use crate::event::EventKind;
use crate::phase::Phase;
use crate::shutdown::ShutdownReason;

/// Beyond our own deadline, so that our word of what is stuck comes first.
const MARGIN: Duration = Duration::from_secs(1);
/// `systemctl status` shows one line.
const LONGEST: usize = 200;

/// How the service is at the moment.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) reason: Option<ShutdownReason>,
    /// Until the deadline of what is under way.
    pub(super) left: Duration,
}

/// Turns events into datagrams.
#[derive(Debug)]
pub(super) struct Teller {
    phase: Phase,
}

impl Teller {
    pub(super) const fn new() -> Self {
        Self { phase: Phase::New }
    }

    /// The datagram for an event, if it is worth one.
    pub(super) fn tell(&mut self, event: &EventKind, moment: &Moment) -> Option<String> {
        let text = match event {
            EventKind::PhaseEntered { phase } => return self.enter(*phase, moment),
            EventKind::ShutdownRequested { reason } if self.phase.is_stopping() => {
                status(&format!("stopping, {reason}"))
            }
            EventKind::ShutdownHurried => status("stopping in a hurry"),
            EventKind::StillWaiting { awaited } => status(&format!("still waiting for {awaited}")),
            EventKind::Progress { what, .. } if self.phase == Phase::Running => status(what),
            EventKind::Progress { what, .. } => {
                let micros = moment.left.saturating_add(MARGIN).as_micros();
                format!("EXTEND_TIMEOUT_USEC={micros}\n{}", status(what))
            }
            EventKind::ReloadBegan => {
                let micros = crate::clock::monotonic_micros();
                format!(
                    "RELOADING=1\nMONOTONIC_USEC={micros}\n{}",
                    status("reloading")
                )
            }
            EventKind::ReloadEnded {
                generation,
                error: None,
            } => {
                format!(
                    "READY=1\n{}",
                    status(&format!("running, generation {generation}"))
                )
            }
            // Not ready before a reload has succeeded (I49).
            EventKind::ReloadEnded {
                error: Some(error), ..
            } => status(&format!("reload failed: {error}")),
            EventKind::HeartbeatStale { name } => status(&format!("heartbeat `{name}` is stale")),
            EventKind::HeartbeatRecovered { name } => {
                status(&format!("heartbeat `{name}` is back, {}", self.phase))
            }
            _ => return None,
        };
        Some(text)
    }

    /// What a phase means, each once: also when some events were missed.
    pub(super) fn enter(&mut self, phase: Phase, moment: &Moment) -> Option<String> {
        let before = self.phase;
        if before >= phase {
            return None;
        }
        self.phase = phase;
        let reason = moment.reason.as_ref();
        let text = match phase {
            Phase::New => return None,
            Phase::Stopped if before.is_stopping() => return None,
            Phase::PreStart | Phase::Start => status(&format!("starting: {phase}")),
            Phase::Running => format!("READY=1\n{}", status("running")),
            phase => {
                let head = if before.is_stopping() {
                    ""
                } else {
                    "STOPPING=1\n"
                };
                let why = reason
                    .map(|reason| format!(", {reason}"))
                    .unwrap_or_default();
                format!("{head}{}", status(&format!("stopping: {phase}{why}")))
            }
        };
        Some(text)
    }
}

/// One line, whatever the text is.
fn status(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(LONGEST).collect();
    format!("STATUS={line}")
}

#[cfg(test)]
mod tests;
