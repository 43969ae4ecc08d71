//! Work in all its shapes, with every option.

#![deny(warnings)]

use std::time::Duration;

use dig_service::{NodeLifecycle, TaskContext};

struct Node<S> {
    store: S,
}

#[dig_service::node(name = "work")]
impl<S: Clone + Send + Sync + 'static> Node<S> {
    #[task(
        every = "1m30s",
        initial_delay = "1s",
        jitter = "2.5%",
        missed = "burst",
        on_error = "stop",
        kind = "background_loop",
        name = "the gc"
    )]
    async fn gc(&self) -> std::io::Result<()> {
        let _ = self.store.clone();
        Ok(())
    }

    #[task(every = Self::interval)]
    fn tick(&self, cx: &TaskContext) {
        let _ = cx.name;
    }

    #[supervised]
    async fn plain(&self, _: &TaskContext) {}

    #[supervised(
        restart = "always",
        backoff("10ms", "5s"),
        max_restarts = 3,
        within = "10m",
        give_up = "quarantine",
        kind = "peer_connection",
        name = "feed"
    )]
    #[deprecated]
    async fn feed(&self, cx: &TaskContext) -> anyhow::Result<()> {
        cx.shutdown.cancelled().await;
        Ok(())
    }

    #[supervised(restart = "never")]
    async fn endless(&self) -> ! {
        std::future::pending().await
    }

    #[cfg(any())]
    #[task(every = "1s")]
    async fn absent(&self) -> NoSuchType {}

    #[cfg_attr(all(), supervised(within = "5m"))]
    async fn conditional(&self) {}

    #[cfg(any())]
    #[supervised(name = "one of two")]
    async fn one(&self) {}

    #[cfg(not(any()))]
    #[supervised(name = "one of two")]
    async fn two(&self) {}

    #[reload(order = -1)]
    fn first(&self) {}

    #[reload]
    async fn second(&self) -> anyhow::Result<()> {
        Ok(())
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }
}

#[dig_service::node]
struct Split;

#[dig_service::methods]
impl Split {
    #[task(every = "1s")]
    fn beat(&self) {}

    #[reload]
    fn again(&self) {}
}

fn main() {
    let names: Vec<_> = Node::<u8>::tasks().iter().map(|task| task.name()).collect();
    let expected = ["the gc", "tick", "plain", "feed", "endless", "conditional", "one of two"];
    assert_eq!(names, expected);
    let reloads: Vec<_> = Node::<u8>::reloads().iter().map(|step| step.name()).collect();
    assert_eq!(reloads, ["first", "second"]);
    assert_eq!(Split::tasks()[0].name(), "beat");
    assert_eq!(Split::reloads()[0].name(), "again");
}
