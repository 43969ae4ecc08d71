//! Moments, as strings of nanoseconds.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Nanoseconds since 1970-01-01 UTC. Written as a string, as JSON numbers lose digits beyond 2^53
/// in many readers; read from a string or a whole number.
///
/// # Examples
///
/// ```
/// use dig_service::dashboard::UnixNanos;
///
/// let at: UnixNanos = serde_json::from_str("1700000000000000001")?;
/// assert_eq!(serde_json::to_string(&at)?, r#""1700000000000000001""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(pub u64);

impl UnixNanos {
    /// Returns the present moment, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Returns how long ago this was; nothing for the future.
    #[must_use]
    pub fn age(self) -> Duration {
        Duration::from_nanos(Self::now().0.saturating_sub(self.0))
    }

    pub(crate) const fn before(self, ago: Duration) -> Self {
        Self(self.0.saturating_sub(ago.as_nanos() as u64))
    }
}

impl From<SystemTime> for UnixNanos {
    /// Keeps moments from 1970 to 2554; those before and after become the nearest.
    fn from(at: SystemTime) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for UnixNanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UnixNanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UnixNanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nanos)
    }
}

struct Nanos;

impl Visitor<'_> for Nanos {
    type Value = UnixNanos;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nanoseconds since 1970, as a string or a whole number")
    }

    fn visit_u64<E: de::Error>(self, nanos: u64) -> Result<UnixNanos, E> {
        Ok(UnixNanos(nanos))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<UnixNanos, E> {
        let nanos = text.parse();
        nanos
            .map(UnixNanos)
            .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
