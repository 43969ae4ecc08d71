//! Messages of the server, taken apart.

use dig_rpc_types::envelope::{JsonRpcResponse, RequestId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a message is.
pub(super) enum Incoming {
    /// The answer to a call.
    Answer(JsonRpcResponse),
    /// Answers to a batch, of which only the ids are read yet.
    Answers(Vec<RequestId>),
    /// Something of a subscription.
    Item(Item),
    /// What is none of these, and what can be said of it all the same.
    Unreadable { about: About, why: String },
}

/// What an unreadable message is about.
#[derive(Debug)]
pub(super) enum About {
    Call(u64),
    Subscription(Value),
    /// Whatever was asked: it does not say.
    Any,
    /// Nothing that was asked.
    Nothing,
}

/// An item of a subscription, or its end.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) subscription: Value,
    #[serde(default, deserialize_with = "present")]
    pub(super) result: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
struct Pushed<T> {
    params: T,
}

/// What can be read where the rest cannot: serde passes over other members, however they nest.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<RequestId>,
    #[serde(default)]
    method: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ItemHead {
    subscription: Value,
}

/// Keeps `null` apart from a member that is not there.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// Takes a message apart.
pub(super) fn read(bytes: &[u8]) -> Incoming {
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return read_many(bytes);
    }
    let no_answer = match serde_json::from_slice(bytes) {
        Ok(response) => return Incoming::Answer(response),
        Err(error) => error,
    };
    let no_item = match serde_json::from_slice::<Pushed<Item>>(bytes) {
        Ok(pushed) => return Incoming::Item(pushed.params),
        Err(error) => error,
    };
    let (about, why) = match serde_json::from_slice(bytes) {
        Ok(Head {
            method: Some(_), ..
        }) => match serde_json::from_slice::<Pushed<ItemHead>>(bytes) {
            Ok(pushed) => (About::Subscription(pushed.params.subscription), no_item),
            Err(_) => (About::Nothing, no_item),
        },
        Ok(Head {
            id: Some(RequestId::Num(id)),
            ..
        }) => (About::Call(id), no_answer),
        _ => (About::Any, no_answer),
    };
    let why = why.to_string();
    Incoming::Unreadable { about, why }
}

fn read_many(bytes: &[u8]) -> Incoming {
    match serde_json::from_slice::<Vec<Head>>(bytes) {
        Ok(heads) if heads.iter().all(|head| head.method.is_some()) => Incoming::Unreadable {
            about: About::Nothing,
            why: "a batch of calls".to_owned(),
        },
        Ok(heads) => Incoming::Answers(heads.into_iter().filter_map(|head| head.id).collect()),
        Err(error) => Incoming::Unreadable {
            about: About::Any,
            why: error.to_string(),
        },
    }
}
