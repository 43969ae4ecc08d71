//! The parts of the error that `#[derive(RpcError)]` makes, and takes apart.

use std::fmt;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Returns the code of a number.
#[must_use]
pub fn error_code(number: i32) -> ErrorCode {
    ErrorCode::from(number)
}

/// Returns a fixed message.
#[must_use]
pub fn text(message: &str) -> String {
    message.to_owned()
}

/// Returns the message of an error.
#[must_use]
pub fn display<E: fmt::Display>(error: &E) -> String {
    error.to_string()
}

/// Returns the data of an error; what cannot be written as JSON is left out.
pub fn data<T: Serialize>(data: T) -> Option<Value> {
    serde_json::to_value(data)
        .ok()
        .filter(|data| !data.is_null())
}

/// A field that is sent in the data of an error, and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent in the data of an error",
    label = "not serializable and deserializable",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or drop `fields`"
)]
pub trait SentField: Sized {
    /// Writes it.
    fn write(&self) -> serde_json::Result<Value>;
    /// Reads it.
    fn read(value: &Value) -> serde_json::Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> SentField for T {
    fn write(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }

    fn read(value: &Value) -> serde_json::Result<Self> {
        T::deserialize(value)
    }
}

/// Returns a field of an error; `null` if it cannot be written as JSON.
pub fn field_value<T: SentField>(field: &T) -> Value {
    field.write().unwrap_or_default()
}

/// Returns named fields as the data of an error.
#[must_use]
pub fn named_fields<const N: usize>(fields: [(&str, Value); N]) -> Option<Value> {
    let fields = fields.into_iter();
    let members = fields.map(|(name, value)| (name.to_owned(), value));
    Some(Value::Object(members.collect()))
}

/// Returns fields without names as the data of an error: one is the data itself.
#[must_use]
pub fn plain_fields<const N: usize>(fields: [Value; N]) -> Option<Value> {
    let mut fields = Vec::from(fields);
    match fields.len() {
        1 => fields.pop(),
        _ => Some(Value::Array(fields)),
    }
}

/// Reads a named field back.
#[must_use]
pub fn read_named<T: SentField>(error: &JsonRpcError, name: &str) -> Option<T> {
    T::read(error.data.as_ref()?.get(name)?).ok()
}

/// Reads the field at a place back, of so many.
#[must_use]
pub fn read_plain<T: SentField>(error: &JsonRpcError, place: usize, count: usize) -> Option<T> {
    let data = error.data.as_ref()?;
    let field = match data.as_array() {
        _ if count == 1 => data,
        Some(fields) if fields.len() == count => fields.get(place)?,
        _ => return None,
    };
    T::read(field).ok()
}

/// Joins the parts.
#[must_use]
pub fn rpc_error(code: ErrorCode, message: String, data: Option<Value>) -> JsonRpcError {
    JsonRpcError {
        code,
        message,
        data,
    }
}
