//! How often work may be started again.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::decl::Backoff;

/// How often work may be started again: `max` times within a sliding window; 5 in 60 s by default.
///
/// `max` restarts are allowed: with 5, the sixth end within the window is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intensity {
    /// `None` is without a limit.
    limit: Option<(u32, Duration)>,
}

/// A limit that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIntensity {
    /// Nothing happens within no time.
    #[error("a window of 0 s limits nothing; use `Intensity::unlimited()` to say so")]
    Window,
    /// The delays between restarts are so long that there can never be one too many.
    #[error(
        "{max} restarts take {shortest:?} at least, with the delays between them, so there are never \
         more within {window:?}; shorten the backoff, lengthen the window, or use \
         `Intensity::unlimited()`"
    )]
    Unreachable {
        /// How many are allowed.
        max: u32,
        /// Within which time.
        window: Duration,
        /// How long they take at least.
        shortest: Duration,
    },
}

impl Intensity {
    /// Allows `max` restarts within a sliding window.
    ///
    /// # Errors
    ///
    /// A window of zero.
    pub const fn new(max: u32, window: Duration) -> Result<Self, InvalidIntensity> {
        if window.is_zero() {
            return Err(InvalidIntensity::Window);
        }
        Ok(Self {
            limit: Some((max, window)),
        })
    }

    /// Allows any number of restarts.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { limit: None }
    }

    /// Returns how many restarts are allowed within which window; `None` is without a limit.
    #[must_use]
    pub const fn limit(&self) -> Option<(u32, Duration)> {
        self.limit
    }

    /// Checks that the limit can be reached at all with these delays.
    ///
    /// # Errors
    ///
    /// [`InvalidIntensity::Unreachable`].
    pub fn check(&self, backoff: &Backoff) -> Result<(), InvalidIntensity> {
        let Some((max, window)) = self.limit else {
            return Ok(());
        };
        let shortest = backoff.shortest(max);
        if shortest > window {
            return Err(InvalidIntensity::Unreachable {
                max,
                window,
                shortest,
            });
        }
        Ok(())
    }
}

impl fmt::Display for Intensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Some((1, window)) => write!(f, "1 restart within {window:?}"),
            Some((max, window)) => write!(f, "{max} restarts within {window:?}"),
            None => f.write_str("restarts without a limit"),
        }
    }
}

impl Default for Intensity {
    fn default() -> Self {
        Self {
            limit: Some((5, Duration::from_secs(60))),
        }
    }
}

/// The restarts within the window so far; never more of them than the limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Restarts {
    at: VecDeque<Instant>,
}

impl Restarts {
    /// Counts one more restart, unless that is one too many.
    pub(crate) fn admit(&mut self, intensity: Intensity, now: Instant) -> bool {
        let Some((max, window)) = intensity.limit else {
            return true;
        };
        while self
            .at
            .front()
            .is_some_and(|at| now.saturating_duration_since(*at) >= window)
        {
            self.at.pop_front();
        }
        let is_allowed = self.at.len() < max as usize;
        if is_allowed {
            self.at.push_back(now);
        }
        is_allowed
    }

    /// When they were.
    pub(crate) fn shared(&self) -> Arc<[Instant]> {
        self.at.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn i38_window_slides_and_holds_max_restarts() {
        let intensity = Intensity::new(3, 10 * SECOND).unwrap();
        let start = Instant::now();
        let mut restarts = Restarts::default();
        let mut admit = |seconds: u32| restarts.admit(intensity, start + seconds * SECOND);

        assert!(admit(0) && admit(4) && admit(8));
        assert!(!admit(9), "the fourth within ten seconds");
        // The first has left the window; the one that was refused was not counted.
        assert!(admit(10));
        assert!(!admit(13));
        assert!(admit(14));
    }

    #[tokio::test(start_paused = true)]
    async fn limits_of_none_and_without_limit_are_kept() {
        let now = Instant::now();
        let none = Intensity::new(0, SECOND).unwrap();
        assert!(!Restarts::default().admit(none, now));
        let mut restarts = Restarts::default();
        assert!((0..100_000).all(|_| restarts.admit(Intensity::unlimited(), now)));
        assert!(
            restarts.at.is_empty(),
            "the history would grow without bound"
        );
        assert_eq!(
            Intensity::new(5, Duration::ZERO),
            Err(InvalidIntensity::Window)
        );
    }

    #[test]
    fn limit_that_the_delays_keep_out_of_reach_is_refused() {
        assert_eq!(Intensity::default().check(&Backoff::default()), Ok(()));
        assert_eq!(Intensity::default().check(&Backoff::none()), Ok(()));
        let slow = Backoff::new(10 * SECOND, 10 * SECOND)
            .unwrap()
            .with_jitter(0.0)
            .unwrap();
        assert_eq!(Intensity::new(3, 30 * SECOND).unwrap().check(&slow), Ok(()));
        let error = Intensity::new(3, 29 * SECOND)
            .unwrap()
            .check(&slow)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("3 restarts take 30s at least"),
            "{error}"
        );
        assert_eq!(Intensity::unlimited().check(&slow), Ok(()));
    }
}
