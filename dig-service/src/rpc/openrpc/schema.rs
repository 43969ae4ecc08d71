//! The schemas of params and results, as functions that write them.
//!
//! A row of `methods()` is a constant and a schema is not, so the row carries a function. Whether a
//! method returns a `Result` or a plain value is told by its type, as for its answer: the impl on
//! `Probe<Result<..>>` needs one reference less and is found first.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::rpc::probe::{ResultProbed, ValueProbed};
use crate::rpc::{ErrorInfo, IntoRpcError};

/// A type that `rpc.discover` can describe.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be described by `rpc.discover`",
    label = "has no schema",
    note = "write `use dig_service::schemars;` and derive `schemars::JsonSchema` for `{Self}`, or drop `discover` from the node"
)]
pub trait Described {
    /// Writes the schema: a reference, where the type has a name.
    fn describe(generator: &mut SchemaGenerator) -> Schema;
}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema + ?Sized> Described for T {
    fn describe(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Writes the schema of one type.
#[derive(Clone, Copy)]
pub(crate) struct SchemaFn(pub(crate) fn(&mut SchemaGenerator) -> Schema);

/// Lists the errors of one method.
#[derive(Clone, Copy)]
pub(crate) struct ErrorsFn(pub(crate) fn() -> &'static [ErrorInfo]);

macro_rules! opaque {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        // The address of a function says nothing of what it does.
        impl PartialEq for $name {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl Eq for $name {}
    )+};
}

opaque!(SchemaFn ErrorsFn);

impl<T, E> ResultProbed<T, E> {
    /// Writes the schema of what is sent.
    pub fn schema(self, generator: &mut SchemaGenerator) -> Schema
    where
        T: Described,
    {
        T::describe(generator)
    }

    /// Lists the errors that the method declares.
    #[must_use]
    pub fn errors(self) -> &'static [ErrorInfo]
    where
        E: IntoRpcError,
    {
        E::declared()
    }
}

impl<T> ValueProbed<T> {
    /// Writes the schema of what is sent.
    pub fn schema(self, generator: &mut SchemaGenerator) -> Schema
    where
        T: Described,
    {
        T::describe(generator)
    }

    /// Returns nothing: such a method does not fail.
    #[must_use]
    pub const fn errors(self) -> &'static [ErrorInfo] {
        &[]
    }
}
