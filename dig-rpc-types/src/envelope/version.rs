//! The `jsonrpc` member: the literal `"2.0"` and nothing else.

use std::fmt;

use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Stands for the protocol version, the string `"2.0"`.
///
/// It has no size: a value of this type is the proof that the version was right.
///
/// # Examples
///
/// ```
/// use dig_rpc_types::Version;
///
/// assert_eq!(serde_json::to_string(&Version)?, r#""2.0""#);
/// assert!(serde_json::from_str::<Version>(r#""1.0""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version;

impl Version {
    /// Returns the text that is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        "2.0"
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(VersionVisitor)
    }
}

struct VersionVisitor;

impl de::Visitor<'_> for VersionVisitor {
    type Value = Version;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON-RPC version \"2.0\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
        if text == Version.as_str() {
            Ok(Version)
        } else {
            Err(E::invalid_value(Unexpected::Str(text), &self))
        }
    }
}

#[cfg(test)]
mod tests;
