//! Reads a JSON value of any kind without ever refusing it.
//!
//! A derived `Deserialize` stops at the first member of the wrong type, and what comes after it, the
//! id perhaps, stays unread. Here only broken JSON is an error; a value of the wrong kind is read
//! over and told as such, so that one pass finds everything.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What to make of a value, by its kind.
pub(super) trait Reader<'de>: Sized {
    type Output;

    /// Stands for a value of a kind that is not wanted.
    fn other(self) -> Self::Output;

    fn text(self, _text: Cow<'de, str>) -> Self::Output {
        self.other()
    }

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Output, A::Error> {
        skip(&mut array)?;
        Ok(self.other())
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Output, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.other())
    }
}

/// Reads over what is left of an array.
pub(super) fn skip<'de, A: SeqAccess<'de>>(array: &mut A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads any value with `R`.
pub(super) struct Any<R>(pub(super) R);

/// Reads a string, borrowed where it has no escapes; `None` for anything else.
pub(super) struct Text;

impl<'de> Reader<'de> for Text {
    type Output = Option<Cow<'de, str>>;

    fn other(self) -> Self::Output {
        None
    }

    fn text(self, text: Cow<'de, str>) -> Self::Output {
        Some(text)
    }
}

impl<'de, R: Reader<'de>> DeserializeSeed<'de> for Any<R> {
    type Value = R::Output;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<R::Output, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Reader<'de>> Visitor<'de> for Any<R> {
    type Value = R::Output;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<R::Output, E> {
        Ok(self.0.other())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<R::Output, E> {
        Ok(self.0.other())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<R::Output, E> {
        Ok(self.0.other())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<R::Output, E> {
        Ok(self.0.other())
    }

    fn visit_unit<E: Error>(self) -> Result<R::Output, E> {
        Ok(self.0.other())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<R::Output, E> {
        Ok(self.0.text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<R::Output, E> {
        Ok(self.0.text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<R::Output, A::Error> {
        self.0.array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<R::Output, A::Error> {
        self.0.object(object)
    }
}
