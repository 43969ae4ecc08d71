//! Parsing: what an attribute stands on.
//!
//! Only headers and signatures are parsed. A body is one group of tokens that goes out as it came
//! in, so that half-typed code survives and every span in it stays the user's.

mod block;
mod item;
mod member;
mod structure;

pub(crate) use self::block::Block;
pub(crate) use self::item::{Item, keyword};
pub(crate) use self::member::{Member, Method};
pub(crate) use self::structure::Structure;

#[cfg(test)]
mod tests;
