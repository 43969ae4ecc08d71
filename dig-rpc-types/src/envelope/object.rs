//! Reads a JSON object, and nothing else, into a struct of its members.
//!
//! A derived `Deserialize` would also take `["2.0", 1, "stop"]` for a request. Going through
//! `visit_map` alone rules that out and buffers nothing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads the members `M` of an object; `what` names the object in the error.
pub(super) fn members<'de, M, D>(deserializer: D, what: &'static str) -> Result<M, D::Error>
where
    M: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(ObjectVisitor {
        what,
        members: PhantomData,
    })
}

/// Reads a member that is there, `null` included; pair it with a default for one that is not.
pub(super) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

struct ObjectVisitor<M> {
    what: &'static str,
    members: PhantomData<M>,
}

impl<'de, M: Deserialize<'de>> Visitor<'de> for ObjectVisitor<M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} object", self.what)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<M, A::Error> {
        M::deserialize(MapAccessDeserializer::new(map))
    }
}
