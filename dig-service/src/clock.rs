//! A clock that is cheap to read, for the times of tasks.
//!
//! Tasks begin and end by the million, and reading the precise clock twice for each would be a
//! tenth of what a spawn costs. Where the system has a coarse clock, which moves with the kernel's
//! tick (1 to 10 ms), it is read instead.

#![expect(
    clippy::disallowed_types,
    reason = "times of the real world, which a paused test clock does not touch"
)]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Nanoseconds on the coarse clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Coarse(u64);

impl Coarse {
    pub(crate) fn now() -> Self {
        Self(read())
    }

    /// How much later this is than `earlier`.
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub(crate) fn into_instant(self) -> Instant {
        let (nanos, instant) = *anchor();
        // The coarse clock is behind, so what it said just after the anchor may be before it.
        match self.0.checked_sub(nanos) {
            Some(later) => instant + Duration::from_nanos(later),
            None => {
                let earlier = Duration::from_nanos(nanos - self.0);
                instant.checked_sub(earlier).unwrap_or(instant)
            }
        }
    }
}

/// The precise time.
pub(crate) fn precise() -> Instant {
    Instant::now()
}

/// Microseconds on the clock that systemd calls monotonic.
#[cfg(feature = "systemd")]
#[cfg(target_os = "linux")]
pub(crate) fn monotonic_micros() -> u64 {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_nsec.unsigned_abs() / 1000
}

/// There is no systemd to tell.
#[cfg(feature = "systemd")]
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn monotonic_micros() -> u64 {
    read() / 1000
}

/// One moment on both clocks.
fn anchor() -> &'static (u64, Instant) {
    static ANCHOR: OnceLock<(u64, Instant)> = OnceLock::new();
    ANCHOR.get_or_init(|| (read(), Instant::now()))
}

#[cfg(target_os = "linux")]
fn read() -> u64 {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::MonotonicCoarse);
    // Both are positive, and the sum lasts for 584 years.
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

#[cfg(not(target_os = "linux"))]
fn read() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_time_is_near_the_precise_one() {
        let coarse = Coarse::now().into_instant();
        let precise = precise();

        let apart = precise.max(coarse) - precise.min(coarse);
        assert!(apart < Duration::from_millis(100), "{apart:?}");
    }

    #[test]
    fn coarse_time_moves_on() {
        let before = Coarse::now();
        while Coarse::now() == before {
            std::thread::yield_now();
        }

        assert!(Coarse::now().since(before) > Duration::ZERO);
        assert_eq!(before.since(Coarse::now()), Duration::ZERO);
    }
}
