//! One argument made from all the params.

use dig_rpc_types::envelope::JsonRpcError;
use serde_json::{Map, Value};

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

    /// Reads the argument. Absent params are what the type can make of them: `null`, an empty
    /// array or an empty object.
    pub fn take<T: Param>(self) -> Result<T, JsonRpcError> {
        let read = match self.0 {
            Value::Null => T::read(Value::Null)
                .or_else(|error| T::read(Value::Array(Vec::new())).map_err(|_| error))
                .or_else(|_| T::read(Value::Object(Map::new()))),
            params => T::read(params),
        };
        read.map_err(|error| complaint::wrong_whole(&error))
    }

    /// Reads the argument and lets it borrow.
    pub fn borrow<'v, T: BorrowedParam<'v>>(&'v self) -> Result<T, JsonRpcError> {
        T::read_from(&self.0).map_err(|error| complaint::wrong_whole(&error))
    }
}
