//! A struct with its block, its work and its client, made by `macro_rules!`.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::time::Duration;

use dig_service::{NodeLifecycle, RpcApi, TaskContext};

macro_rules! node {
    (
        $name:ident, $client:ident, $named:literal, $ty:ty, $every:literal, $order:literal,
        $max:literal, $method:ident, $body:block
    ) => {
        #[dig_service::node(name = $named)]
        struct $name {
            interval: Duration,
        }

        #[dig_service::methods(namespace = $named, client = $client, discover)]
        impl $name {
            #[rpc]
            fn $method(&self, value: $ty) -> $ty {
                value
            }

            #[task(every = $every, kind = "maintenance")]
            async fn gc(&self) -> anyhow::Result<()> $body

            #[task(every = Self::interval, name = $named)]
            fn check(&self, cx: &TaskContext) {
                let _ = cx.name;
            }

            #[supervised(backoff($every, "1m"), max_restarts = $max, within = "1h")]
            async fn sync(&self, cx: &TaskContext) {
                cx.shutdown.cancelled().await;
            }

            #[reload(order = $order)]
            fn reopen(&self) {}

            #[reload(order = -2)]
            async fn before(&self) {}

            fn interval(&self) -> Duration {
                self.interval
            }
        }
    };
    (@ $($name:ident)+) => {
        $(
            #[dig_service::node]
            struct $name;

            #[dig_service::methods]
            impl $name {
                #[supervised]
                async fn $name(&self) {}
            }
        )+
    };
}

node!(Node, NodeClient, "named", Option<u8>, "10s", 3, 7, get, { Ok(()) });

mod inner {
    #![allow(non_snake_case)]

    node!(@ First Second);

    pub fn names() -> [&'static str; 2] {
        use dig_service::NodeLifecycle;
        [First::tasks()[0].name(), Second::tasks()[0].name()]
    }
}

fn main() {
    let names: Vec<_> = Node::tasks().iter().map(|task| task.name()).collect();
    assert_eq!(names, ["gc", "named", "sync"]);
    let steps: Vec<_> = Node::reloads().iter().map(|step| step.name()).collect();
    assert_eq!(steps, ["reopen", "before"]);
    assert_eq!(Node::methods()[0].name(), "named_get");
    assert_eq!(inner::names(), ["First", "Second"]);
    let node = Node { interval: Duration::from_secs(1) };
    let client = NodeClient::new(dig_service::client::Local::new(node.into()));
    let _ = client.get(None);
}
