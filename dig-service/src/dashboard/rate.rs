//! How many lines a connection may send: a token bucket.

use tokio::time::Instant;

/// A token, in the unit in which they are counted: at a rate of one in a second, a nanosecond's worth.
const TOKEN: u128 = 1_000_000_000;

/// A bucket of tokens, one of which each line takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenBucket {
    per_second: u128,
    full: u128,
    held: u128,
    filled_at: Instant,
}

impl TokenBucket {
    /// Makes a bucket that is full.
    pub(crate) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let full = u128::from(burst) * TOKEN;
        Self {
            per_second: per_second.into(),
            full,
            held: full,
            filled_at: now,
        }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.filled_at).as_nanos();
        self.held = self.full.min(self.held + since * self.per_second);
        self.filled_at = now;
        let has_one = self.held >= TOKEN;
        if has_one {
            self.held -= TOKEN;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn burst_goes_through_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(100, 20, start);

        assert!((0..20).all(|_| bucket.take(start)));
        assert!(!bucket.take(start), "the 21st at once");
        assert!(!bucket.take(start + Duration::from_millis(9)));
        assert!(bucket.take(start + Duration::from_millis(10)));
        // An hour of silence fills it no further than the burst.
        let later = start + Duration::from_secs(3600);
        assert!((0..20).all(|_| bucket.take(later)));
        assert!(!bucket.take(later));
    }
}
