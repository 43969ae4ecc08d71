//! How long to wait before work is started again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// No delay of a backoff is shorter, unless there is none at all.
const FLOOR: Duration = Duration::from_millis(1);

/// How long to wait before work that ended is started again: `base · factor^(n-1)` before the n-th
/// start in a row, `max` at most, and up to the part `jitter` more or less.
///
/// The jitter comes last, so that many that wait for `max` do not start at once; no delay is below
/// one millisecond. Work that has run for [`stable_for`](Self::with_stable_for) begins anew with
/// `base`. By default 100 ms, ×2, 30 s, 20 %, and 60 s.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::supervisor::{Backoff, Jitter};
///
/// let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1))?.with_jitter(0.0)?;
/// let mut jitter = Jitter::seeded(7);
/// let delays: Vec<_> = (1..=5).map(|n| backoff.delay(n, &mut jitter).as_millis()).collect();
/// assert_eq!(delays, [100, 200, 400, 800, 1000]);
/// # Ok::<(), dig_service::supervisor::InvalidBackoff>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    base: Duration,
    factor: f64,
    max: Duration,
    jitter: f64,
    stable_for: Duration,
}

/// A backoff that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBackoff {
    /// The first delay is shorter than a millisecond.
    #[error("a base of {0:?} is below 1 ms; use `Backoff::none()` to start again at once")]
    Base(Duration),
    /// The longest delay is shorter than the first.
    #[error("a maximum of {max:?} is below the base of {base:?}")]
    Max {
        /// The first delay.
        base: Duration,
        /// The longest.
        max: Duration,
    },
    /// The delays would become shorter, or are no numbers.
    #[error("a factor of {0} is not a number from 1 up")]
    Factor(f64),
    /// The part is none.
    #[error("a jitter of {0} is not from 0 to 1")]
    Jitter(f64),
}

impl Backoff {
    /// Makes a backoff that doubles from `base` to `max`.
    ///
    /// # Errors
    ///
    /// A base below 1 ms, or a maximum below the base.
    pub fn new(base: Duration, max: Duration) -> Result<Self, InvalidBackoff> {
        if base < FLOOR {
            return Err(InvalidBackoff::Base(base));
        }
        if max < base {
            return Err(InvalidBackoff::Max { base, max });
        }
        Ok(Self {
            base,
            max,
            ..Self::default()
        })
    }

    /// Starts again at once, without a timer.
    #[must_use]
    pub fn none() -> Self {
        let (base, max) = (Duration::ZERO, Duration::ZERO);
        Self {
            base,
            max,
            jitter: 0.0,
            ..Self::default()
        }
    }

    /// Sets by how much each delay is longer than the one before.
    ///
    /// # Errors
    ///
    /// A factor below 1, or not a finite number.
    pub fn with_factor(self, factor: f64) -> Result<Self, InvalidBackoff> {
        if !factor.is_finite() || factor < 1.0 {
            return Err(InvalidBackoff::Factor(factor));
        }
        Ok(Self { factor, ..self })
    }

    /// Sets by which part a delay may be longer or shorter.
    ///
    /// # Errors
    ///
    /// A part that is not from 0 to 1.
    pub fn with_jitter(self, jitter: f64) -> Result<Self, InvalidBackoff> {
        if !(0.0..=1.0).contains(&jitter) {
            return Err(InvalidBackoff::Jitter(jitter));
        }
        Ok(Self { jitter, ..self })
    }

    /// Sets after which time of running the delays begin anew.
    #[must_use]
    pub const fn with_stable_for(self, stable_for: Duration) -> Self {
        Self { stable_for, ..self }
    }

    /// Returns the first delay.
    #[must_use]
    pub const fn base(&self) -> Duration {
        self.base
    }

    /// Returns the longest delay, before its jitter.
    #[must_use]
    pub const fn max(&self) -> Duration {
        self.max
    }

    /// Returns after which time of running the delays begin anew.
    #[must_use]
    pub const fn stable_for(&self) -> Duration {
        self.stable_for
    }

    /// Returns whether work is started again at once.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.base.is_zero()
    }

    /// Returns the delay before the n-th start in a row; the first is 1.
    #[must_use]
    pub fn delay(&self, n: u32, jitter: &mut Jitter) -> Duration {
        if self.is_none() {
            return Duration::ZERO;
        }
        let exponent = i32::try_from(n.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.base.as_secs_f64() * self.factor.powi(exponent);
        // Infinite, too, is beyond the maximum.
        let capped = grown.min(self.max.as_secs_f64());
        let part = 1.0 + self.jitter * (2.0 * jitter.part() - 1.0);
        Duration::try_from_secs_f64(capped * part)
            .unwrap_or(self.max)
            .max(FLOOR)
    }

    /// The shortest that so many delays can be in sum.
    pub(crate) fn shortest(&self, delays: u32) -> Duration {
        let mut sum = Duration::ZERO;
        let lowest = Self {
            jitter: 0.0,
            ..*self
        };
        for n in 1..=delays.min(10_000) {
            let delay = lowest
                .delay(n, &mut Jitter::seeded(0))
                .mul_f64(1.0 - self.jitter);
            sum = sum.saturating_add(delay);
        }
        sum
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(100),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 0.2,
            stable_for: Duration::from_secs(60),
        }
    }
}

/// Where the jitter of delays comes from: the same seed gives the same delays.
///
/// SplitMix64 (Steele, Lea, Flood 2014), which is small and good enough to spread starts.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// Begins at a seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Begins somewhere else in every process, and at every call.
    #[must_use]
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(0_u8))
    }

    /// A seed that begins where this stands.
    pub(crate) const fn seed(&self) -> u64 {
        self.0
    }

    /// The next number, from 0 up to but without 1.
    pub(crate) fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // The upper 32 bits are exact in an `f64`.
        let upper = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests;
