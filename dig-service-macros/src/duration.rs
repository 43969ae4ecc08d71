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

/// Reads a duration longer than zero, in milliseconds; `what` is what the message calls it.
pub(crate) fn positive(text: &LitStr, what: &str, errors: &mut Errors) -> Option<u64> {
    let millis = millis(text, errors)?;
    if millis == 0 {
        errors.push(text, format!("{what} must be longer than zero"));
        return None;
    }
    Some(millis)
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
mod tests;
