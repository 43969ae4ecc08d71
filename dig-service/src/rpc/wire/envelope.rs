//! From bytes to calls: one pass, and a verdict for each envelope.

use std::borrow::Cow;

use dig_rpc_types::envelope::{RequestId, Version};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use crate::rpc::wire::Fault;
use crate::rpc::wire::any::{Any, Reader, Text, skip};

/// What a client sent.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// One call, to be answered by one answer.
    Single(Entry<'a>),
    /// Calls to be answered by an array; never empty, never longer than the limit.
    Batch(Vec<Entry<'a>>),
    /// Nothing that could be told apart into calls; answered by one error.
    Unreadable(Fault),
}

/// One envelope.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    Call(Call<'a>),
    /// Not a call. Answered even if no id could be read, as it may not have been a notification.
    Invalid {
        id: RequestId,
        fault: Fault,
    },
}

/// A call that is fit to be run.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// `None` is a notification.
    pub(crate) id: Option<RequestId>,
    pub(crate) method: Cow<'a, str>,
    /// An array, an object, or null when there are none.
    pub(crate) params: Value,
}

/// Reads a message; no input makes it panic, however deep or long.
pub(crate) fn parse(bytes: &[u8], batch_limit: usize) -> Message<'_> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Message::Unreadable(Fault::NotUtf8);
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Any(MessageReader { batch_limit }).deserialize(&mut deserializer);
    let read = read.and_then(|message| deserializer.end().map(|()| message));
    read.unwrap_or_else(|error| Message::Unreadable(Fault::NotJson(error)))
}

struct MessageReader {
    batch_limit: usize,
}

impl<'de> Reader<'de> for MessageReader {
    type Output = Message<'de>;

    fn other(self) -> Message<'de> {
        Message::Single(EntryReader.other())
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<Message<'de>, A::Error> {
        EntryReader.object(object).map(Message::Single)
    }

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<Message<'de>, A::Error> {
        let mut entries = Vec::new();
        while entries.len() < self.batch_limit {
            match array.next_element_seed(Any(EntryReader))? {
                Some(entry) => entries.push(entry),
                None if entries.is_empty() => return Ok(Message::Unreadable(Fault::EmptyBatch)),
                None => return Ok(Message::Batch(entries)),
            }
        }
        let is_longer = array.next_element::<IgnoredAny>()?.is_some();
        skip(&mut array)?;
        Ok(match entries.is_empty() {
            _ if is_longer => Message::Unreadable(Fault::LongBatch {
                limit: self.batch_limit,
            }),
            true => Message::Unreadable(Fault::EmptyBatch),
            false => Message::Batch(entries),
        })
    }
}

struct EntryReader;

impl<'de> Reader<'de> for EntryReader {
    type Output = Entry<'de>;

    fn other(self) -> Entry<'de> {
        Entry::Invalid {
            id: RequestId::Null,
            fault: Fault::NotACall("a call must be an object"),
        }
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Entry<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(name) = object.next_key_seed(Any(Text))? {
            match name.as_deref() {
                Some("jsonrpc") => {
                    let version = object.next_value_seed(Any(Text))?;
                    let is_ours = version.as_deref() == Some(Version.as_str());
                    members.repeats |= members.version.replace(is_ours).is_some();
                }
                Some("id") => {
                    let id = readable_id(object.next_value()?);
                    members.repeats |= members.id.is_some();
                    // Given twice, it is no id at all.
                    members.id = Some(id.filter(|_| members.id.is_none()));
                }
                Some("method") => {
                    let method = object.next_value_seed(Any(Text))?;
                    members.repeats |= members.method.replace(method).is_some();
                }
                Some("params") => {
                    let params = object.next_value()?;
                    members.repeats |= members.params.replace(params).is_some();
                }
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(members.judge())
    }
}

/// The members of an envelope as they were found: the inner `None` is a value of the wrong kind.
#[derive(Default)]
struct Members<'a> {
    version: Option<bool>,
    id: Option<Option<RequestId>>,
    method: Option<Option<Cow<'a, str>>>,
    params: Option<Value>,
    repeats: bool,
}

impl<'a> Members<'a> {
    /// Decides whether this is a call.
    fn judge(self) -> Entry<'a> {
        let invalid = |id: Option<Option<RequestId>>, what| Entry::Invalid {
            id: id.flatten().unwrap_or(RequestId::Null),
            fault: Fault::NotACall(what),
        };
        let id = match self.id {
            _ if self.repeats => return invalid(self.id, "a member is given twice"),
            Some(None) => {
                return invalid(None, "`id` must be a string, a number in range, or null");
            }
            Some(Some(id)) => Some(id),
            None => None,
        };
        if self.version != Some(true) {
            return invalid(Some(id), "`jsonrpc` must be \"2.0\"");
        }
        let Some(Some(method)) = self.method else {
            return invalid(Some(id), "`method` must be a string");
        };
        let params = self.params.unwrap_or_default();
        if !matches!(params, Value::Null | Value::Array(_) | Value::Object(_)) {
            return invalid(Some(id), "`params` must be an array or an object");
        }
        Entry::Call(Call { id, method, params })
    }
}

fn readable_id(id: Value) -> Option<RequestId> {
    match id {
        Value::Null => Some(RequestId::Null),
        Value::String(text) => Some(RequestId::Str(text)),
        Value::Number(number) => RequestId::try_from(number).ok(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
