//! Saying what is awaited while a service stops.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, interval_at};

use crate::control::Control;
use crate::event::EventKind;
use crate::lifecycle::{Deadlines, StopClock};

/// What ends sooner is not worth a line.
const AT_ONCE: Duration = Duration::from_millis(100);
const EVERY: Duration = Duration::from_secs(5);

/// Begins a stop: from now on its deadlines count, and progress extends them anew.
pub(super) fn begin_stop(control: &Control, deadlines: Deadlines) -> StopClock {
    let began = Instant::now();
    let whole = began.checked_add(deadlines.total());
    control.tasks.progress().begin(deadlines.rule, whole);
    StopClock::new(began, deadlines)
}

/// Waits for a future; says what is awaited at once, and every five seconds.
pub(super) async fn telling<F: Future>(
    control: &Control,
    awaited: impl Fn() -> String,
    future: F,
) -> F::Output {
    let mut future = pin!(future);
    let began = Instant::now();
    control.set_awaited(Some(awaited()));
    let mut ticks = interval_at(began + AT_ONCE, EVERY);
    let output = loop {
        tokio::select! {
            biased;
            output = &mut future => break output,
            _ = ticks.tick() => {
                let awaited = awaited();
                let progress = control.tasks.progress().latest().unwrap_or_default();
                tracing::info!(awaited, progress, waited = ?began.elapsed(), "still waiting");
                control.set_awaited(Some(awaited.clone()));
                control.journal.record(EventKind::StillWaiting { awaited });
            }
        }
    };
    control.set_awaited(None);
    output
}
