//! The options in an attribute's brackets: `name = "get", lenient, bounds(S: Store)`.
//!
//! One pass, one table of keys per attribute. A key that is unknown, given twice or given in the
//! wrong shape is an error on its own token; the rest is read all the same.

mod key;
mod read;
mod suggest;

pub(crate) use self::key::{Key, Shape};
pub(crate) use self::read::Options;

#[cfg(test)]
mod tests;
