//! Deadlines from configuration: read, checked, written.

use std::time::Duration;

use serde::de::{Error as _, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Deadlines, StopPart};
use crate::duration;
use crate::tasks::Rule;

/// The longest that anything may be given.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Deadlines that cannot be meant; the message names the key and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDeadlines {
    /// A part of the stop is given no time.
    #[error("`{key}` is zero, so what it bounds could never end in time; give it at least `1ms`")]
    Zero {
        /// The part.
        key: &'static str,
    },
    /// Something is given more than a week.
    #[error("`{key}` is longer than a week; is the unit right?")]
    TooLong {
        /// The part.
        key: &'static str,
    },
    /// The shares that are given do not add up to the total that is given.
    #[error(
        "the shares add up to {} and `total` is {}; raise `total` or leave it out",
        duration::write(*shares), duration::write(*total)
    )]
    SharesAndTotal {
        /// What the given shares add up to.
        shares: Duration,
        /// The total.
        total: Duration,
    },
}

impl Deadlines {
    /// Checks that every part of the stop that bounds something has time, and none too much.
    ///
    /// Deadlines read from configuration are checked already.
    ///
    /// # Errors
    ///
    /// [`InvalidDeadlines`] with the first key that cannot be meant.
    pub fn checked(self) -> Result<Self, InvalidDeadlines> {
        for (key, part) in PARTS {
            let share = self.shares[part as usize];
            if share.is_zero() && part != StopPart::Drain {
                return Err(InvalidDeadlines::Zero { key });
            }
            if share > LONGEST {
                return Err(InvalidDeadlines::TooLong { key });
            }
        }
        let others = [
            ("start", self.start.unwrap_or(LONGEST)),
            ("start_cancel_grace", self.start_cancel_grace),
            ("progress_step", self.rule.step),
            ("progress_cap", self.rule.cap),
        ];
        if self.start == Some(Duration::ZERO) {
            return Err(InvalidDeadlines::Zero { key: "start" });
        }
        match others.iter().find(|(_, limit)| *limit > LONGEST) {
            Some((key, _)) => Err(InvalidDeadlines::TooLong { key }),
            None => Ok(self),
        }
    }
}

const PARTS: [(&str, StopPart); StopPart::COUNT] = [
    ("drain", StopPart::Drain),
    ("run", StopPart::Run),
    ("tasks", StopPart::Tasks),
    ("on_stop", StopPart::OnStop),
    ("providers", StopPart::Providers),
    ("post_stop", StopPart::PostStop),
];

/// What a configuration may say; all of it may be left out.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    total: Option<Span>,
    start: Option<Span>,
    start_cancel_grace: Option<Span>,
    drain: Option<Span>,
    run: Option<Span>,
    tasks: Option<Span>,
    on_stop: Option<Span>,
    providers: Option<Span>,
    post_stop: Option<Span>,
    progress_step: Option<Span>,
    progress_cap: Option<Span>,
}

impl Given {
    fn settle(self) -> Result<Deadlines, InvalidDeadlines> {
        let default = Deadlines::default();
        let given = [
            self.drain,
            self.run,
            self.tasks,
            self.on_stop,
            self.providers,
            self.post_stop,
        ];
        let given = given.map(|share| share.map(|Span(share)| share));
        let mut deadlines = Deadlines {
            start: self.start.map(|Span(limit)| limit),
            start_cancel_grace: self
                .start_cancel_grace
                .map_or(default.start_cancel_grace, |s| s.0),
            rule: Rule {
                step: self.progress_step.map_or(default.rule.step, |s| s.0),
                cap: self.progress_cap.map_or(default.rule.cap, |s| s.0),
            },
            shares: default.shares,
        };
        match self.total {
            Some(Span(total)) => deadlines.fill(given, total)?,
            None => {
                for (share, given) in deadlines.shares.iter_mut().zip(given) {
                    *share = given.unwrap_or(*share);
                }
            }
        }
        deadlines.checked()
    }
}

impl Deadlines {
    /// Takes the given shares as they are, and scales the others to what the total leaves.
    fn fill(
        &mut self,
        given: [Option<Duration>; StopPart::COUNT],
        total: Duration,
    ) -> Result<(), InvalidDeadlines> {
        let taken = given
            .iter()
            .flatten()
            .fold(Duration::ZERO, |sum, s| sum.saturating_add(*s));
        let Some(left) = total.checked_sub(taken) else {
            return Err(InvalidDeadlines::SharesAndTotal {
                shares: taken,
                total,
            });
        };
        let mut rest = *self;
        for (share, given) in rest.shares.iter_mut().zip(given) {
            if given.is_some() {
                *share = Duration::ZERO;
            }
        }
        if rest.total().is_zero() {
            if !left.is_zero() {
                return Err(InvalidDeadlines::SharesAndTotal {
                    shares: taken,
                    total,
                });
            }
        } else {
            rest = rest.scaled(left);
        }
        for ((share, rest), given) in self.shares.iter_mut().zip(rest.shares).zip(given) {
            *share = given.unwrap_or(rest);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Deadlines {
    /// Reads a map: `total`, the shares (`drain`, `run`, `tasks`, `on_stop`, `providers`,
    /// `post_stop`), `start`, `start_cancel_grace`, `progress_step`, `progress_cap`. All may be left
    /// out. Durations are texts such as `500ms` and `1m30s`, or whole numbers of seconds. With a
    /// `total`, the shares that are not given are scaled to what the given ones leave.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Given::deserialize(deserializer)?
            .settle()
            .map_err(D::Error::custom)
    }
}

impl Serialize for Deadlines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Deadlines", PARTS.len() + 4)?;
        if let Some(start) = self.start {
            map.serialize_field("start", &duration::write(start))?;
        }
        map.serialize_field(
            "start_cancel_grace",
            &duration::write(self.start_cancel_grace),
        )?;
        for (key, part) in PARTS {
            map.serialize_field(key, &duration::write(self.shares[part as usize]))?;
        }
        map.serialize_field("progress_step", &duration::write(self.rule.step))?;
        map.serialize_field("progress_cap", &duration::write(self.rule.cap))?;
        map.end()
    }
}

/// A duration in a configuration.
#[derive(Clone, Copy)]
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Span;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a duration such as `10s`, or a whole number of seconds")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Span, E> {
                duration::parse(text).map(Span).map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Span, E> {
                Ok(Span(Duration::from_secs(seconds)))
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Span, E> {
                let seconds = u64::try_from(seconds);
                let seconds = seconds.map_err(|_| E::custom("a duration cannot be negative"))?;
                Ok(Span(Duration::from_secs(seconds)))
            }
        }

        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn read(value: Value) -> Result<Deadlines, String> {
        from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_given_is_the_default() {
        assert_eq!(read(json!({})), Ok(Deadlines::default()));
    }

    #[test]
    fn a_total_scales_what_is_not_given() {
        let all = read(json!({"total": "50s"})).unwrap();
        assert_eq!(
            all,
            Deadlines::default().with_total(Duration::from_secs(50))
        );

        let some = read(json!({"total": "20s", "on_stop": "10s", "drain": 1})).unwrap();
        assert_eq!(some.total(), Duration::from_secs(20));
        assert_eq!(
            some.shares[StopPart::OnStop as usize],
            Duration::from_secs(10)
        );
        assert_eq!(
            some.shares[StopPart::Drain as usize],
            Duration::from_secs(1)
        );
    }

    #[test]
    fn every_key_is_read_and_written_back() {
        let given = json!({
            "start": "1m", "start_cancel_grace": "1s", "drain": "2s", "run": "3s", "tasks": "4s",
            "on_stop": "5s", "providers": "6s", "post_stop": "7s",
            "progress_step": "1500ms", "progress_cap": "9s",
        });
        let mut expected = given.clone();
        expected["start"] = json!("60s");

        let deadlines = read(given).unwrap();

        assert_eq!(to_value(deadlines).unwrap(), expected);
        assert_eq!(deadlines.total(), Duration::from_secs(27));
        assert_eq!(read(to_value(deadlines).unwrap()), Ok(deadlines));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (given, names) in [
            (json!({"on_stop": "0s"}), "`on_stop` is zero"),
            (json!({"start": 0}), "`start` is zero"),
            (json!({"run": "200h"}), "`run` is longer than a week"),
            (
                json!({"progress_cap": "200h"}),
                "`progress_cap` is longer than a week",
            ),
            (
                json!({"total": "5s", "run": "6s"}),
                "the shares add up to 6s and `total` is 5s",
            ),
            (json!({"runn": "6s"}), "unknown field `runn`"),
            (json!({"run": "6 parsecs"}), "`6 parsecs` is not a duration"),
            (json!({"run": -1}), "cannot be negative"),
            (json!({"run": true}), "a duration such as `10s`"),
        ] {
            let error = read(given).unwrap_err();
            assert!(error.contains(names), "{error}");
        }
        let all = json!({
            "total": "9s", "drain": 1, "run": 1, "tasks": 1, "on_stop": 1, "providers": 1,
            "post_stop": 1,
        });
        assert!(
            read(all)
                .unwrap_err()
                .contains("add up to 6s and `total` is 9s")
        );
    }
}
