//! The `id` member: what ties an answer to its request.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

/// No `u64` is as large as this, 2^64.
const ABOVE_U64: f64 = 18_446_744_073_709_551_616.0;
/// No `i64` is smaller than this, -2^63.
const LEAST_I64: f64 = -9_223_372_036_854_775_808.0;

/// Identifies a request: a string, a number or null.
///
/// Reading is canonical, so equal ids are equal values: an integer within `u64` is a `Num`, every
/// other number a `Number`. An id is echoed as the value it was sent as, not as the same text:
///
/// | sent | read as | echoed |
/// |---|---|---|
/// | `7`, `18446744073709551615` | `Num` | the same text |
/// | `-1`, `-9223372036854775808` | `Number`, an `i64` | the same text |
/// | `1.5`, `1.0`, `1e3`, `-0` | `Number`, the nearest `f64` | `1.5`, `1.0`, `1000.0`, `-0.0` |
/// | `18446744073709551616`, `-9223372036854775809`, `1e300` | refused | |
///
/// The last row holds every number from 2^64 up and every one below -2^63 (and that bound itself, if
/// written with a fraction or an exponent): JSON parsers hand those over as `f64`, and by then an
/// integer that lost its last digits looks like one that did not. A client with such ids sends
/// them as strings. `1e400` fits no `f64`; `serde_json` calls that a syntax error by itself.
///
/// `Num(1)` and `Number(1.0)` are different ids.
///
/// # Examples
///
/// ```
/// use dig_rpc_types::RequestId;
///
/// assert_eq!(serde_json::from_str::<RequestId>("7")?, RequestId::Num(7));
/// assert_eq!(serde_json::from_str::<RequestId>("null")?, RequestId::Null);
///
/// let negative: RequestId = serde_json::from_str("-1")?;
/// assert!(matches!(negative, RequestId::Number(_)));
/// assert_eq!(serde_json::to_string(&negative)?, "-1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum RequestId {
    /// An integer from 0 to `u64::MAX`.
    Num(u64),
    /// A string, kept as it is.
    Str(String),
    /// `null`, which a server also answers with when it could not read the id.
    Null,
    /// A number that is no `u64`: negative, or with a fraction or an exponent.
    ///
    /// Made by hand, it may hold what reading would not leave here; `TryFrom<Number>` does not.
    Number(Number),
}

impl RequestId {
    /// Reads an `f64` as the id it is, if it cannot have been an integer out of range.
    fn from_f64(value: f64) -> Result<Self, InvalidRequestId> {
        if LEAST_I64 < value && value < ABOVE_U64 {
            Number::from_f64(value)
                .map(Self::Number)
                .ok_or(InvalidRequestId)
        } else {
            Err(InvalidRequestId)
        }
    }
}

impl fmt::Display for RequestId {
    /// Writes the id as JSON, so a string's control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Num(number) => number.fmt(f),
            Self::Str(text) => serde_json::Value::from(text.as_str()).fmt(f),
            Self::Null => f.write_str("null"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self::Num(number)
    }
}

impl From<String> for RequestId {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<&str> for RequestId {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl TryFrom<Number> for RequestId {
    type Error = InvalidRequestId;

    /// Reads a number as it would be read from the wire.
    ///
    /// # Errors
    ///
    /// The number cannot be echoed as the same value.
    fn try_from(number: Number) -> Result<Self, InvalidRequestId> {
        if let Some(unsigned) = number.as_u64() {
            return Ok(Self::Num(unsigned));
        }
        // With serde_json's `arbitrary_precision` the text `-0` is an i64 as well; without, it is
        // an f64. The f64 below is right for both.
        if let Some(signed) = number.as_i64().filter(|signed| *signed < 0) {
            return Ok(Self::Number(signed.into()));
        }
        number
            .as_f64()
            .ok_or(InvalidRequestId)
            .and_then(Self::from_f64)
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

/// Says that a number cannot be an id, because it could not be echoed as the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidRequestId;

impl fmt::Display for InvalidRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("number out of range for a JSON-RPC id; send it as a string")
    }
}

impl std::error::Error for InvalidRequestId {}

struct IdVisitor;

impl<'de> de::Visitor<'de> for IdVisitor {
    type Value = RequestId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC id: a string, a number or null")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<RequestId, E> {
        Ok(RequestId::Num(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<RequestId, E> {
        RequestId::try_from(Number::from(number)).map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<RequestId, E> {
        RequestId::from_f64(number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestId, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<RequestId, E> {
        Ok(text.into())
    }

    fn visit_unit<E: de::Error>(self) -> Result<RequestId, E> {
        Ok(RequestId::Null)
    }

    /// Takes the private map as which `serde_json`'s `arbitrary_precision` hands over a number.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RequestId, A::Error> {
        let number = Number::deserialize(MapAccessDeserializer::new(map))
            .map_err(|_| de::Error::invalid_type(Unexpected::Map, &self))?;
        RequestId::try_from(number).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
