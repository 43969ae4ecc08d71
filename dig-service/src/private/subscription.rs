//! Subscriptions: from a method's stream to what its connection polls.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use dig_rpc_types::envelope::JsonRpcError;
use futures_core::Stream;
use pin_project_lite::pin_project;
use serde_json::Value;

use super::future::RpcResult;
use super::kind::{Reply, ResultTag, ValueTag};
use crate::rpc::push::no_desk;
use crate::rpc::{IntoRpcError, RpcContext, Slots};

/// What a method marked `subscription` can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream, and a `subscription` method returns one",
    label = "not a stream",
    note = "return `impl Stream<Item = T> + Send + use<>`, or a `Result` of it"
)]
pub trait Subscribable {
    /// What is sent.
    type Item;
}

#[diagnostic::do_not_recommend]
impl<S: Stream> Subscribable for S {
    type Item = S::Item;
}

/// Stands for the items of a stream.
#[derive(Debug)]
pub struct Items<T>(std::marker::PhantomData<fn() -> T>);

/// Returns what stands for the items of a stream.
#[must_use]
pub const fn items_of<S: Subscribable>(_: &S) -> Items<S::Item> {
    Items(std::marker::PhantomData)
}

/// Found where items are `Result`s.
pub trait ResultItems {
    /// Returns the tag.
    fn __dig_items(&self) -> ResultTag;
}

impl<T, E> ResultItems for Items<Result<T, E>> {
    fn __dig_items(&self) -> ResultTag {
        ResultTag
    }
}

/// Found on all items, at the price of one more reference.
pub trait ValueItems {
    /// Returns the tag.
    fn __dig_items(&self) -> ValueTag;
}

impl<T> ValueItems for &Items<T> {
    fn __dig_items(&self) -> ValueTag {
        ValueTag
    }
}

impl ResultTag {
    /// Takes on a stream whose items may be errors; the first of those is its end.
    pub fn open<S, T, E>(self, cx: &RpcContext, method: &'static str, stream: S) -> RpcResult
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        T: Reply,
        E: IntoRpcError,
    {
        let write = |item: Result<T, E>| match item {
            Ok(value) => Self.ok(value),
            Err(error) => Self.err(error),
        };
        open(cx, method, Box::pin(Written { stream, write }))
    }
}

impl ValueTag {
    /// Takes on a stream of values.
    pub fn open<S, T>(self, cx: &RpcContext, method: &'static str, stream: S) -> RpcResult
    where
        S: Stream<Item = T> + Send + 'static,
        T: Reply,
    {
        let write = |item: T| Self.ok(item);
        open(cx, method, Box::pin(Written { stream, write }))
    }
}

pin_project! {
    /// A stream and how its items are written.
    struct Written<S, W> {
        #[pin]
        stream: S,
        write: W,
    }
}

impl<S, W> Stream for Written<S, W>
where
    S: Stream,
    W: Fn(S::Item) -> RpcResult,
{
    type Item = RpcResult;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RpcResult>> {
        let this = self.project();
        let item = ready!(this.stream.poll_next(cx));
        Poll::Ready(item.map(this.write))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// Refuses a notification, and a call over a transport that does not push, before the method is run.
pub fn subscribable(cx: &RpcContext, method: &str) -> Result<(), JsonRpcError> {
    match cx.desk() {
        Some(desk) if desk.can_open() => Ok(()),
        _ => Err(no_desk(method)),
    }
}

fn open(cx: &RpcContext, method: &'static str, items: crate::rpc::push::Items) -> RpcResult {
    let desk = cx.desk().ok_or_else(|| no_desk(method))?;
    desk.open(method, items).map(Value::from)
}

/// Answers the method that ends a subscription: whether there was one of that number.
pub fn unsubscribe(cx: &RpcContext, params: Value) -> RpcResult {
    let mut slots = Slots::<1>::new(params, &["subscription"])?;
    let subscription = slots.take::<u64>(0, "subscription")?;
    let was_open = cx.desk().is_some_and(|desk| desk.close(subscription));
    Ok(Value::Bool(was_open))
}
