//! One argument made from all the params.

use std::sync::LazyLock;

use dig_rpc_types::envelope::JsonRpcError;
use serde_json::{Value, json};

use super::complaint;
use super::{BorrowedParam, Param, Shape};

/// The params of one call, unsorted.
#[derive(Debug)]
pub struct Whole(Value);

impl Whole {
    /// Takes params that may come by name or by position.
    pub fn new(params: Value) -> Result<Self, JsonRpcError> {
        Self::shaped(params, &Shape::new(&[]))
    }

    /// Takes params of one of the shapes.
    pub fn shaped(params: Value, shape: &Shape<'_>) -> Result<Self, JsonRpcError> {
        match &params {
            Value::Array(values) if !shape.by_position && !values.is_empty() => {
                Err(complaint::by_name_only())
            }
            Value::Object(values) if !shape.by_name && !values.is_empty() => {
                Err(complaint::by_position_only())
            }
            Value::Null | Value::Array(_) | Value::Object(_) => Ok(Self(params)),
            other => Err(complaint::neither(other)),
        }
    }

    /// Reads the argument. Params that say nothing are what the type can make of them: what came,
    /// an empty object, an empty array or `null`.
    pub fn take<T: Param>(self) -> Result<T, JsonRpcError> {
        let read = match says_nothing(&self.0) {
            true => read_nothing(&self.0, |params| T::read(params.clone())),
            false => T::read(self.0),
        };
        read.map_err(|error| complaint::wrong_whole(&error))
    }

    /// Reads the argument in the same way and lets it borrow.
    pub fn borrow<'v, T: BorrowedParam<'v>>(&'v self) -> Result<T, JsonRpcError> {
        let read = match says_nothing(&self.0) {
            true => read_nothing(&self.0, T::read_from),
            false => T::read_from(&self.0),
        };
        read.map_err(|error| complaint::wrong_whole(&error))
    }
}

/// The ways to say nothing: `{}`, `[]` and `null`. Statics, so that an argument may borrow from them.
static NOTHING: LazyLock<[Value; 3]> = LazyLock::new(|| [json!({}), json!([]), Value::Null]);

fn says_nothing(params: &Value) -> bool {
    NOTHING.contains(params)
}

/// Reads what says nothing as it came, or else in another way; the error is that of what came, or of
/// `{}` if nothing came, as it names what is missing.
fn read_nothing<'v, T>(
    came: &'v Value,
    read: impl Fn(&'v Value) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    let [object, array, null] = &*NOTHING;
    read(came).or_else(|error| {
        read(object).or_else(|missing| {
            let error = if came.is_null() { missing } else { error };
            let last = read(array).or_else(|_| read(null));
            last.map_err(|_| error)
        })
    })
}
