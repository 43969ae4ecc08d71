//! Durations as text, as in `500ms`, `3s` and `1m30s`.

use std::time::Duration;

/// A text that is no duration; the message names it and says what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a duration; write a number with a unit (`ms`, `s`, `m`, `h`), as in `10s` or `1m30s`"
)]
pub(crate) struct InvalidDuration {
    text: String,
}

/// The units, the longer names first where one begins another.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// Reads a duration: one or more whole numbers, each with its unit.
pub(crate) fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration {
        text: text.to_owned(),
    };
    let mut rest = text.trim();
    let mut total = None;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(invalid)?;
        let number: u64 = rest[..digits].parse().map_err(|_| invalid())?;
        let after = &rest[digits..];
        let unit = UNITS.iter().find(|(name, _)| after.starts_with(name));
        let (name, nanos) = unit.ok_or_else(invalid)?;
        let nanos = number.checked_mul(*nanos).ok_or_else(invalid)?;
        let sum: Option<Duration> = total
            .unwrap_or(Duration::ZERO)
            .checked_add(Duration::from_nanos(nanos));
        total = Some(sum.ok_or_else(invalid)?);
        rest = &after[name.len()..];
    }
    total.ok_or_else(invalid)
}

/// Writes a duration in the largest unit that loses nothing.
pub(crate) fn write(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let exact = |unit: u128| nanos.is_multiple_of(unit);
    match nanos {
        0 => "0s".to_owned(),
        _ if exact(1_000_000_000) => format!("{}s", nanos / 1_000_000_000),
        _ if exact(1_000_000) => format!("{}ms", nanos / 1_000_000),
        _ if exact(1_000) => format!("{}us", nanos / 1_000),
        _ => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        let millis = Duration::from_millis;
        for (text, expected) in [
            ("500ms", millis(500)),
            ("3s", millis(3_000)),
            ("1m30s", millis(90_000)),
            ("2h", millis(7_200_000)),
            (" 0s ", millis(0)),
            ("1s500ms", millis(1_500)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "10",
            "10 s",
            "s",
            "10 parsecs",
            "-1s",
            "1.5s",
            "99999999999999999999s",
            "9999999999999h",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(nanos in 0_u64..u64::MAX) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&write(duration)), Ok(duration));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
