//! Signatures of every kind that people write.
#![deny(warnings, missing_docs, unused_qualifications)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;

use dig_service::prelude::*;
use dig_service::{ErrorCode, JsonRpcError};
use serde::{Deserialize, Serialize};

type Reply<T> = Result<T, JsonRpcError>;

/// A trait with the names of the generated methods.
pub trait Dispatch {
    /// As it says.
    fn dispatch(&self) {}
    /// As it says.
    fn run(&self) {}
    /// As it says.
    fn methods() {}
    /// As it says.
    fn ok(&self) {}
    /// As it says.
    fn split(&self) {}
    /// As it says.
    fn take(&self) {}
}

impl<T> Dispatch for T {}

/// A point.
#[derive(Serialize, Deserialize)]
pub struct Point {
    x: i64,
}

/// A node.
pub struct Node<T = u8, const N: usize = 3>(T);

/// What a node holds.
pub trait Held: Send + Sync + 'static {
    /// Its key.
    type Key: Serialize + for<'de> Deserialize<'de> + Send + Sync;
}

impl Held for u8 {
    type Key = u16;
}

#[dig_service::node(name = "everyday", namespace = "a", separator = "/")]
impl<T: Held, const N: usize> Node<T, N> {
    const LIMIT: usize = N;

    #[rpc]
    fn shown(&self) -> impl Serialize + use<T, N> {
        N
    }

    #[rpc]
    async fn key(
        &self,
        key: T::Key,
        #[arg(default = Self::LIMIT)] limit: usize,
    ) -> (T::Key, usize) {
        (key, limit)
    }

    #[rpc]
    #[must_use]
    fn must(&self, self_: u8, params: u8, cx: u8, method: u8, r#type: u8, __r: u8) -> u8 {
        self_ + params + cx + method + r#type + __r
    }

    #[rpc]
    fn r#match(&self, größe: u8) -> u8 {
        größe
    }

    #[rpc]
    fn double(&self, v: Option<Option<u8>>) -> Option<Option<u8>> {
        v
    }

    #[rpc]
    fn texts(&self, v: Vec<&str>, t: (u8, &str), c: Cow<'static, str>, d: Cow<'_, str>) -> usize {
        v.len() + t.1.len() + c.len() + d.len()
    }

    #[rpc]
    fn map(&self, m: HashMap<String, Point>, b: Box<str>, a: [u8; 2]) -> Reply<i64> {
        Ok(m.values().map(|p| p.x).sum::<i64>() + b.len() as i64 + i64::from(a[0]))
    }

    #[rpc]
    fn never_fails(&self) -> Result<u8, Infallible> {
        Ok(1)
    }

    #[rpc]
    fn coded(&self) -> Result<u8, ErrorCode> {
        Err(ErrorCode::NotSynced)
    }

    #[rpc]
    fn lifetimes<'a>(&'a self, text: &'a str) -> &'a str
    where
        Self: Sized,
    {
        text
    }

    #[rpc]
    async fn fixed(&self) -> &'static str {
        "x"
    }

    #[rpc]
    fn free() {}

    #[doc = concat!("a", "b")]
    #[rpc]
    fn documented(&self) {}

    #[on_start]
    #[must_use]
    async fn begin(&self) -> Result<(), Infallible> {
        Ok(())
    }

    #[on_stop]
    async fn end(&self) -> Result<(), std::io::Error> {
        Ok(())
    }
}

mod inner {
    //! Another node in a module with hostile names.
    #![allow(dead_code)]
    struct First;
    struct Second;

    #[dig_service::node]
    impl First {
        #[rpc]
        fn a(&self) {}
    }

    #[dig_service::node]
    impl Second {
        #[rpc]
        fn a(&self) {}
    }
}

macro_rules! node {
    ($name:ident, $method:ident, $ty:ty, $doc:literal) => {
        #[doc = $doc]
        pub struct $name;

        #[dig_service::node(name = $doc)]
        impl $name {
            #[rpc(name = $doc)]
            fn $method(&self, x: $ty, y: Option<$ty>) -> $ty {
                y.unwrap_or(x)
            }
        }
    };
}

node!(Made, get, u8, "made");

fn main() {
    struct Local;

    #[dig_service::node]
    impl Local {
        #[rpc]
        fn a(&self) {}
    }

    let _ = Service::for_node(Node::<u8, 3>(1));
    let _ = Service::for_node(Made);
    let _ = Service::for_node(Local);
    assert_eq!(Made::NAME, Some("made"));
}
