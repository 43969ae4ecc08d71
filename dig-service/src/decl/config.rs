//! Declared values from configuration: read and checked.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::decl::{Backoff, Intensity, InvalidBackoff, InvalidIntensity};
use crate::duration;

/// A duration as text, as in `10s`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = duration::parse(&text).map_err(serde::de::Error::custom);
        read.map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackoffKeys {
    base: Option<Span>,
    max: Option<Span>,
    factor: Option<f64>,
    jitter: Option<f64>,
    stable_for: Option<Span>,
}

impl TryFrom<BackoffKeys> for Backoff {
    type Error = InvalidBackoff;

    fn try_from(keys: BackoffKeys) -> Result<Self, InvalidBackoff> {
        let default = Self::default();
        let base = keys.base.map_or(default.base(), |span| span.0);
        let max = keys.max.map_or(default.max().max(base), |span| span.0);
        let mut backoff = Self::new(base, max)?;
        if let Some(factor) = keys.factor {
            backoff = backoff.with_factor(factor)?;
        }
        if let Some(jitter) = keys.jitter {
            backoff = backoff.with_jitter(jitter)?;
        }
        Ok(match keys.stable_for {
            Some(span) => backoff.with_stable_for(span.0),
            None => backoff,
        })
    }
}

/// Reads `"none"`, or a map with some of `base`, `max`, `stable_for` (durations as text), `factor`
/// and `jitter` (numbers); what is left out is as in the default.
impl<'de> Deserialize<'de> for Backoff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(word) if word == "none" => Ok(Self::none()),
            serde_json::Value::String(word) => Err(D::Error::custom(format!(
                "`{word}` is no backoff; write `none` or a map with `base`, `max`, .."
            ))),
            map => {
                let keys: BackoffKeys = serde_json::from_value(map).map_err(D::Error::custom)?;
                Self::try_from(keys).map_err(D::Error::custom)
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntensityKeys {
    max: u32,
    within: Span,
}

/// Reads `"unlimited"`, or a map with `max` (a number) and `within` (a duration as text).
impl<'de> Deserialize<'de> for Intensity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(word) if word == "unlimited" => Ok(Self::unlimited()),
            serde_json::Value::String(word) => Err(D::Error::custom(format!(
                "`{word}` is no limit; write `unlimited` or a map with `max` and `within`"
            ))),
            map => {
                let keys: IntensityKeys = serde_json::from_value(map).map_err(D::Error::custom)?;
                let read: Result<_, InvalidIntensity> = Self::new(keys.max, keys.within.0);
                read.map_err(D::Error::custom)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn backoff(value: Value) -> Result<Backoff, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn backoff_is_read_and_checked() {
        let millis = Duration::from_millis;
        assert_eq!(backoff(json!("none")), Ok(Backoff::none()));
        assert_eq!(backoff(json!({})), Ok(Backoff::default()));
        let all =
            json!({"base": "5ms", "max": "1s", "factor": 3.0, "jitter": 0.0, "stable_for": "2s"});
        let expected = Backoff::new(millis(5), millis(1000)).unwrap();
        let expected = expected.with_factor(3.0).unwrap().with_jitter(0.0).unwrap();
        assert_eq!(backoff(all), Ok(expected.with_stable_for(millis(2000))));

        for (bad, what) in [
            (json!({"base": "0s"}), "below 1 ms"),
            (json!({"base": "1s", "max": "1ms"}), "below the base"),
            (json!({"factor": 0.5}), "factor of 0.5"),
            (json!({"jitter": 2.0}), "jitter of 2"),
            (json!({"bas": "1s"}), "unknown field `bas`"),
            (json!({"base": "1 parsec"}), "not a duration"),
            (json!("some"), "no backoff"),
        ] {
            let error = backoff(bad).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn intensity_is_read_and_checked() {
        let read = |value: Value| serde_json::from_value::<Intensity>(value);
        assert_eq!(read(json!("unlimited")).unwrap(), Intensity::unlimited());
        let limit = Intensity::new(3, Duration::from_secs(60)).unwrap();
        assert_eq!(read(json!({"max": 3, "within": "1m"})).unwrap(), limit);
        for (bad, what) in [
            (json!("never"), "`never` is no limit"),
            (json!({"max": 3, "within": "0s"}), "a window of 0 s"),
            (json!({"max": 3, "within": "1"}), "`1` is not a duration"),
            (json!({"max": 3}), "missing field `within`"),
            (json!({"max": "3", "within": "1s"}), "expected u32"),
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
