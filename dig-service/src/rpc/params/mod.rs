//! Reading the params of a call into a method's arguments.
//!
//! Params come by position or by name; none are as good as an empty list. Each argument is taken
//! out of its slot by move, or borrowed from it when its type is a reference. Every complaint is
//! `InvalidParams` and names the param.
//!
//! Used by generated code; the building of errors is kept out of line, so that a method costs
//! little code.

mod complaint;
mod read;
mod shape;
mod slots;
mod whole;

pub use self::read::{BorrowedParam, Param};
pub use self::shape::Shape;
pub use self::slots::Slots;
pub use self::whole::Whole;

#[cfg(test)]
mod tests;
