//! `#[node]` on a struct, with and without `#[methods]`.

use std::sync::atomic::{AtomicU32, Ordering};

use dig_service::{NodeLifecycle, RpcApi, Service, ShutdownReason};
use serde_json::{Value, json};

#[dig_service::node(name = "bare")]
struct Bare;

#[tokio::test]
async fn a_bare_struct_is_a_whole_node() {
    let service = Service::for_node(Bare);
    service.request_shutdown(ShutdownReason::UserRequested);

    assert!(service.start().await.unwrap().is_graceful());
    assert_eq!(<Bare as NodeLifecycle>::NAME, Some("bare"));
    assert!(<Bare as RpcApi>::methods().is_empty());
    let error = Bare.dispatch("get", Value::Null).await.unwrap_err();
    assert_eq!(error.message, "method `get` not found");
}

#[dig_service::node(name = "relay")]
struct Relay {
    stops: AtomicU32,
}

mod elsewhere {
    use std::sync::atomic::Ordering;

    #[dig_service::methods(namespace = "relay")]
    impl super::Relay {
        #[rpc]
        async fn count(&self, add: u32) -> u32 {
            self.stops.load(Ordering::Relaxed) + add
        }

        #[run]
        async fn work(&self) {}

        #[on_stop]
        fn flush(&self) {
            self.stops.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn methods_may_stand_in_another_module() {
    let service = Service::for_node(Relay {
        stops: AtomicU32::new(0),
    });
    let node = std::sync::Arc::clone(service.node());

    service.start().await.unwrap();

    assert_eq!(node.stops.load(Ordering::Relaxed), 1);
    assert_eq!(node.dispatch("relay_count", json!([2])).await, Ok(json!(3)));
    assert_eq!(<Relay as RpcApi>::methods()[0].name(), "relay_count");
}

trait Store: Send + Sync + 'static {
    fn get(&self) -> u64;
}

impl Store for u64 {
    fn get(&self) -> u64 {
        *self
    }
}

// The block may stand before the struct.
#[dig_service::methods]
impl<S: Store, const N: usize> Generic<S, N> {
    #[rpc]
    fn get(&self) -> u64 {
        self.0.get() + N as u64
    }
}

#[dig_service::node(bounds(S: Store))]
struct Generic<S, const N: usize>(S);

#[tokio::test]
async fn a_generic_struct_may_state_its_bounds_apart() {
    assert_eq!(
        Generic::<_, 3>(7_u64).dispatch("get", Value::Null).await,
        Ok(json!(10))
    );
}
