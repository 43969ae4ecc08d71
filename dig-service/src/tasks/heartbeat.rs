//! Heartbeats: the signs of life that loops give, and who has given none of late.
//!
//! A beat is one store; who is late is found by whoever asks, and told by the service's
//! control loop. Nothing here acts on a late one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::sync::Lock;

/// A loop's sign of life, made by [`TaskRegistry::heartbeat`](crate::TaskRegistry::heartbeat).
///
/// Dropped, it is not watched any more: keep it inside the loop.
#[derive(Debug)]
#[must_use = "a heartbeat that is dropped is not watched any more"]
pub struct Heartbeat {
    pulse: Arc<Pulse>,
    heartbeats: Arc<Heartbeats>,
}

impl Heartbeat {
    /// Gives the sign of life: from now on the limit counts anew. Cheap enough for a hot loop.
    pub fn beat(&self) {
        self.pulse.beat();
        if self.pulse.is_told.load(Ordering::Relaxed) {
            self.heartbeats.changed.notify_one();
        }
    }

    /// Returns the name it was given.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.pulse.name
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        let mut list = self.heartbeats.list.lock();
        list.pulses.retain(|pulse| !Arc::ptr_eq(pulse, &self.pulse));
        let is_told = self.pulse.is_told.load(Ordering::Relaxed);
        if is_told {
            list.gone.push(self.pulse.name);
        }
        drop(list);
        if is_told {
            self.heartbeats.changed.notify_one();
        }
    }
}

/// Who is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    All,
    /// A loop that is told to stop beats no more; the stop has deadlines of its own.
    ControlLoop,
}

#[derive(Debug)]
struct Pulse {
    name: &'static str,
    limit: Duration,
    owner: Judged,
    began: Instant,
    /// Nanoseconds from `began` to the latest beat. Alone in what it says, so relaxed.
    beat: AtomicU64,
    /// Its silence has been told. Written by the control loop only; a hint for everybody else.
    is_told: AtomicBool,
}

impl Pulse {
    fn beat(&self) {
        let nanos = u64::try_from(self.began.elapsed().as_nanos());
        self.beat
            .store(nanos.unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn silence(&self) -> Duration {
        let beat = Duration::from_nanos(self.beat.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(beat)
    }

    fn is_stale(&self) -> bool {
        self.silence() > self.limit
    }

    fn is_judged(&self, judged: Judged) -> bool {
        judged == Judged::All || self.owner == Judged::ControlLoop
    }
}

/// The heartbeats of one service.
#[derive(Debug, Default)]
pub(crate) struct Heartbeats {
    list: Lock<List>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct List {
    pulses: Vec<Arc<Pulse>>,
    /// Those that went while they were told to be silent.
    gone: Vec<&'static str>,
}

/// What the control loop finds when it looks.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Silent since the last look, and for how long.
    pub(crate) silent: Vec<(&'static str, Duration)>,
    /// No longer silent, or gone.
    pub(crate) back: Vec<&'static str>,
    /// When the next one may fall silent.
    pub(crate) next: Option<Duration>,
}

impl Heartbeats {
    pub(crate) fn register(
        self: &Arc<Self>,
        name: &'static str,
        limit: Duration,
        owner: Judged,
    ) -> Heartbeat {
        let pulse = Arc::new(Pulse {
            name,
            limit,
            owner,
            began: Instant::now(),
            beat: AtomicU64::new(0),
            is_told: AtomicBool::new(false),
        });
        self.list.lock().pulses.push(Arc::clone(&pulse));
        self.changed.notify_one();
        Heartbeat {
            pulse,
            heartbeats: Arc::clone(self),
        }
    }

    /// The names of those that have been silent for longer than their limit.
    pub(crate) fn stale(&self, judged: Judged) -> Vec<&'static str> {
        let list = self.list.lock();
        let stale = list
            .pulses
            .iter()
            .filter(|p| p.is_judged(judged) && p.is_stale());
        stale.map(|pulse| pulse.name).collect()
    }

    /// Finds who fell silent and who is back since the last look.
    pub(crate) fn look(&self, judged: Judged) -> Found {
        let mut list = self.list.lock();
        let mut found = Found {
            back: std::mem::take(&mut list.gone),
            ..Found::default()
        };
        for pulse in list.pulses.iter().filter(|p| p.is_judged(judged)) {
            let silence = pulse.silence();
            let is_stale = silence > pulse.limit;
            match (pulse.is_told.swap(is_stale, Ordering::Relaxed), is_stale) {
                (false, true) => found.silent.push((pulse.name, silence)),
                (true, false) => found.back.push(pulse.name),
                (true, true) | (false, false) => {}
            }
            if !is_stale {
                let left = pulse.limit.saturating_sub(silence);
                found.next = Some(found.next.map_or(left, |next| next.min(left)));
            }
        }
        found
    }

    /// How long the control loop has been silent, if there is one.
    pub(crate) fn silence_of_control_loop(&self) -> Option<Duration> {
        let list = self.list.lock();
        let mut own = list
            .pulses
            .iter()
            .filter(|pulse| pulse.owner == Judged::ControlLoop);
        own.next().map(|pulse| pulse.silence())
    }

    /// Waits until a look is worth it.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
