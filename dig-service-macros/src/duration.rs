//! Durations as people write them: `"10s"`, `"1m30s"`, `"250ms"`.

use syn::LitStr;

use crate::errors::Errors;

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Reads a duration, in milliseconds.
pub(crate) fn millis(text: &LitStr, errors: &mut Errors) -> Option<u64> {
    match read(&text.value()) {
        Ok(millis) => Some(millis),
        Err(message) => {
            errors.push(text, message);
            None
        }
    }
}

fn read(text: &str) -> Result<u64, String> {
    let not = |why: String| format!("`{text}` is not a duration: {why}");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(not("it is empty; write it as in `10s`".to_owned()));
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (digits, behind) = split(rest, |letter| letter.is_ascii_digit());
        let (unit, behind) = split(behind.trim_start(), char::is_alphabetic);
        let Ok(count) = digits.parse::<u64>() else {
            return Err(not(
                "it needs a whole number and a unit, as in `10s`".to_owned()
            ));
        };
        if unit.is_empty() {
            return Err(not(format!(
                "add a unit (`ms`, `s`, `m`, `h`), as in `{count}s`"
            )));
        }
        let Some((_, factor)) = UNITS.iter().find(|(known, _)| *known == unit) else {
            return Err(not(format!(
                "unknown unit `{unit}` (use `ms`, `s`, `m` or `h`)"
            )));
        };
        let part = count.checked_mul(*factor);
        let Some(sum) = part.and_then(|part| total.checked_add(part)) else {
            return Err(not("it is too long".to_owned()));
        };
        (total, rest) = (sum, behind.trim_start());
    }
    Ok(total)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn durations_are_read() {
        let table = [
            ("10s", Ok(10_000)),
            ("250ms", Ok(250)),
            ("1m30s", Ok(90_000)),
            ("1h 5 m", Ok(3_900_000)),
            ("0s", Ok(0)),
            (
                "10",
                Err("`10` is not a duration: add a unit (`ms`, `s`, `m`, `h`), as in `10s`"),
            ),
            (
                "10 parsecs",
                Err(
                    "`10 parsecs` is not a duration: unknown unit `parsecs` (use `ms`, `s`, `m` or `h`)",
                ),
            ),
            (
                "s",
                Err("`s` is not a duration: it needs a whole number and a unit, as in `10s`"),
            ),
            (
                "-1s",
                Err("`-1s` is not a duration: it needs a whole number and a unit, as in `10s`"),
            ),
            (
                "",
                Err("`` is not a duration: it is empty; write it as in `10s`"),
            ),
            (
                "99999999999999999999h",
                Err(
                    "`99999999999999999999h` is not a duration: it needs a whole number and a unit, as in `10s`",
                ),
            ),
            (
                "9999999999999999999h",
                Err("`9999999999999999999h` is not a duration: it is too long"),
            ),
        ];

        for (text, expected) in table {
            assert_eq!(read(text), expected.map_err(str::to_owned), "{text}");
        }
    }
}
