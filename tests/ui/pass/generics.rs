//! Generic nodes, in both forms, in either order.
#![deny(warnings)]

use std::fmt::Debug;
use std::marker::PhantomData;

use dig_service::{RpcApi, Service};

pub trait Store: Send + Sync + 'static {
    type Key: Debug + Send + Sync;

    fn len(&self) -> usize;
}

impl Store for u8 {
    type Key = u8;

    fn len(&self) -> usize {
        1
    }
}

pub struct Node<'a, S, const N: usize>(S, PhantomData<&'a u8>);

#[dig_service::node]
impl<'a: 'static, S, const N: usize> Node<'a, S, N>
where
    S: Store<Key: Clone>,
    for<'k> &'k S::Key: Send,
{
    #[rpc]
    async fn len(&self) -> usize {
        self.0.len() + N
    }
}

mod other {
    #[dig_service::methods]
    impl<S> super::Kept<S>
    where
        S: super::Store + Clone,
    {
        #[rpc]
        async fn len(&self) -> usize {
            self.0.len()
        }
    }
}

#[dig_service::node(bounds(S: Store))]
pub struct Kept<S = u8>(S)
where
    S: Clone;

fn main() {
    assert_eq!(Node::<u8, 3>::methods().len(), 1);
    assert_eq!(Kept::<u8>::methods().len(), 1);
    let _ = Service::for_node(Kept(1_u8));
}
