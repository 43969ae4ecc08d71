//! The two ways to read one param: by move and by reference.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A type that an argument of an `#[rpc]` method can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from JSON-RPC params",
    label = "not deserializable",
    note = "derive `serde::Deserialize` for `{Self}`"
)]
pub trait Param: Sized {
    /// Reads the value.
    fn read(value: Value) -> serde_json::Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Param for T {
    #[inline]
    fn read(value: Value) -> serde_json::Result<Self> {
        T::deserialize(value)
    }
}

/// A type with a lifetime that an argument of an `#[rpc]` method can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be borrowed from JSON-RPC params",
    label = "not borrowable",
    note = "only types whose `Deserialize` can borrow, such as `&str`, may be taken by reference"
)]
pub trait BorrowedParam<'v>: Sized {
    /// Reads the value, which outlives the argument.
    fn read_from(value: &'v Value) -> serde_json::Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<'v, T: Deserialize<'v>> BorrowedParam<'v> for T {
    fn read_from(value: &'v Value) -> serde_json::Result<Self> {
        T::deserialize(value)
    }
}
