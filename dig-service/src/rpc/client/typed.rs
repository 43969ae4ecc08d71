//! From arguments to params, and from answers to results: what generated clients call.

use std::sync::Arc;

use dig_rpc_types::envelope::JsonRpcError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::rpc::IntoRpcError;
use crate::rpc::client::{
    Answer, ClientError, Pushes, RpcTransport, SubscribeTransport, Subscription,
};

/// A type that a client can send as a param.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a param by the client of this node",
    label = "not serializable",
    note = "derive `serde::Serialize` for `{Self}`, or drop `client`"
)]
pub trait SentParam {
    /// Writes the value.
    fn write(&self) -> serde_json::Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> SentParam for T {
    fn write(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// A type that a client can read a result into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read as a result by the client of this node",
    label = "not deserializable",
    note = "derive `serde::Deserialize` for `{Self}`, or drop `client`; a client returns owned values"
)]
pub trait ReceivedResult: Sized {
    /// Reads the value.
    fn read(value: Value) -> serde_json::Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> ReceivedResult for T {
    fn read(value: Value) -> serde_json::Result<Self> {
        serde_json::from_value(value)
    }
}

/// The two sides of what a method returns.
pub trait ReturnType {
    /// What is sent as the result.
    type Ok;
    /// What is sent as the error.
    type Err;
}

impl<T, E> ReturnType for Result<T, E> {
    type Ok = T;
    type Err = E;
}

/// The params of one call, as they are written.
#[derive(Debug)]
pub enum Params {
    /// By name; those that may be left out are.
    Named(Map<String, Value>),
    /// By position; `None` is left out, or null where another follows.
    Positional(Vec<Option<Value>>),
    /// As one value.
    Whole(Value),
    /// One of them cannot be written.
    Unwritable(serde_json::Error),
}

impl Params {
    /// No params yet, to be sent by name.
    #[must_use]
    pub fn named() -> Self {
        Self::Named(Map::new())
    }

    /// No params yet, to be sent by position.
    #[must_use]
    pub const fn positional() -> Self {
        Self::Positional(Vec::new())
    }

    /// One value for all the params.
    #[must_use]
    pub fn whole<T: SentParam + ?Sized>(value: &T) -> Self {
        value.write().map_or_else(Self::Unwritable, Self::Whole)
    }

    /// Adds a param.
    #[must_use]
    pub fn with<T: SentParam + ?Sized>(self, name: &str, value: &T) -> Self {
        self.add(name, value.write(), false)
    }

    /// Adds a param that is left out if it is null.
    #[must_use]
    pub fn with_optional<T: SentParam + ?Sized>(self, name: &str, value: &T) -> Self {
        self.add(name, value.write(), true)
    }

    /// Adds a param that is left out if it is not given: a null that is given is no default.
    #[must_use]
    pub fn with_given<T: SentParam>(self, name: &str, value: &Option<T>) -> Self {
        match value {
            Some(value) => self.add(name, value.write(), false),
            None => self.add(name, Ok(Value::Null), true),
        }
    }

    // Not generic, so that it is made once.
    fn add(mut self, name: &str, value: serde_json::Result<Value>, is_optional: bool) -> Self {
        match (&mut self, value) {
            (Self::Unwritable(_), _) => {}
            (_, Err(error)) => return Self::Unwritable(error),
            (Self::Named(_), Ok(Value::Null)) if is_optional => {}
            (Self::Positional(values), Ok(Value::Null)) if is_optional => values.push(None),
            (Self::Named(members), Ok(value)) => drop(members.insert(name.to_owned(), value)),
            (Self::Positional(values), Ok(value)) => values.push(Some(value)),
            (Self::Whole(_), Ok(value)) => return Self::Whole(value),
        }
        self
    }

    fn finish(self) -> Result<Value, Arc<serde_json::Error>> {
        match self {
            Self::Named(members) if members.is_empty() => Ok(Value::Null),
            Self::Named(members) => Ok(Value::Object(members)),
            Self::Positional(mut values) => {
                let given = values.iter().rposition(Option::is_some);
                values.truncate(given.map_or(0, |last| last + 1));
                let values = values.into_iter().map(Option::unwrap_or_default);
                Ok(match given {
                    None => Value::Null,
                    Some(_) => values.collect(),
                })
            }
            Self::Whole(value @ (Value::Null | Value::Array(_) | Value::Object(_))) => Ok(value),
            Self::Whole(_) => {
                let what = "params must be an array or an object";
                Err(Arc::new(serde::ser::Error::custom(what)))
            }
            Self::Unwritable(error) => Err(Arc::new(error)),
        }
    }
}

/// Calls a method.
///
/// # Errors
///
/// There is no answer.
///
/// # Cancel safety
///
/// As [`RpcTransport`].
pub async fn call<T: RpcTransport>(
    transport: &T,
    method: &str,
    params: Params,
) -> Result<Answer, ClientError> {
    let params = params.finish().map_err(ClientError::Params)?;
    Ok(transport.call(method, params).await?)
}

/// Reads an answer. Apart from [`call`], so that types which do not fit are one error of the compiler.
///
/// # Errors
///
/// Every way in which there is no result.
pub fn received<O, E>(answer: Result<Answer, ClientError>) -> Result<O, ClientError<E>>
where
    O: ReceivedResult,
    E: IntoRpcError,
{
    match answer {
        Ok(Ok(value)) => O::read(value).map_err(|error| ClientError::Result(Arc::new(error))),
        Ok(Err(error)) => Err(refused(error)),
        Err(error) => Err(unanswered(error)),
    }
}

fn refused<E: IntoRpcError>(error: JsonRpcError) -> ClientError<E> {
    match E::from_rpc_error(error) {
        Ok(own) => ClientError::Method(own),
        Err(other) => ClientError::Rpc(other),
    }
}

fn unanswered<E>(error: ClientError) -> ClientError<E> {
    match error {
        ClientError::Method(never) => match never {},
        ClientError::Rpc(error) => ClientError::Rpc(error),
        ClientError::Transport(error) => ClientError::Transport(error),
        ClientError::Params(error) => ClientError::Params(error),
        ClientError::Result(error) => ClientError::Result(error),
    }
}

/// Calls a method that subscribes.
///
/// # Errors
///
/// There is no answer.
///
/// # Cancel safety
///
/// As [`RpcTransport`]; a subscription whose answer nobody takes is ended.
pub async fn subscribe<T: SubscribeTransport>(
    transport: &T,
    method: &str,
    unsubscribe: &str,
    params: Params,
) -> Result<Result<Pushes, JsonRpcError>, ClientError> {
    let params = params.finish().map_err(ClientError::Params)?;
    Ok(transport.subscribe(method, unsubscribe, params).await?)
}

/// Reads the answer of a method that subscribes: items of `T`, or `F` as their error.
///
/// # Errors
///
/// Every way in which there is no subscription.
pub fn subscribed<T, F, E>(
    answer: Result<Result<Pushes, JsonRpcError>, ClientError>,
) -> Result<Subscription<T, F>, ClientError<E>>
where
    T: ReceivedResult,
    F: IntoRpcError,
    E: IntoRpcError,
{
    match answer {
        Ok(Ok(pushes)) => Ok(Subscription::new(pushes)),
        Ok(Err(error)) => Err(refused(error)),
        Err(error) => Err(unanswered(error)),
    }
}

/// Calls a method that is not answered.
///
/// # Errors
///
/// The call could not be handed over.
///
/// # Cancel safety
///
/// As [`RpcTransport`].
pub async fn notify<T: RpcTransport>(
    transport: &T,
    method: &str,
    params: Params,
) -> Result<(), ClientError> {
    let params = params.finish().map_err(ClientError::Params)?;
    Ok(transport.notify(method, params).await?)
}
