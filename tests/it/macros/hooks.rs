//! Hooks written as attributes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dig_service::{
    ExitReason, NodeLifecycle, RunContext, Service, ServiceError, StartContext, StopContext,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn lines(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, what: &'static str) {
        self.lines().push(what);
    }

    fn taken(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.lines())
    }
}

#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed")
    }
}

impl std::error::Error for Closed {}

struct Full {
    log: Log,
}

#[dig_service::node(name = "full")]
impl Full {
    #[pre_start]
    fn open(&self, ctx: &StartContext<'_>) -> Result<(), Closed> {
        assert_eq!(ctx.name, "full");
        self.log.note("pre_start");
        Ok(())
    }

    #[on_start]
    async fn on_start(&self) -> anyhow::Result<()> {
        self.log.note("on_start");
        Ok(())
    }

    #[dig_service::run]
    async fn work(&self, ctx: RunContext) {
        assert!(!ctx.shutdown.is_cancelled());
        self.log.note("run");
    }

    #[on_stop]
    fn flush(&self) {
        self.log.note("on_stop");
    }

    #[cfg(test)]
    #[post_stop]
    async fn close(&self, ctx: &StopContext<'_>) -> Result<(), Closed> {
        assert!(matches!(ctx.exit_reason, ExitReason::RunCompleted));
        self.log.note("post_stop");
        Ok(())
    }

    #[cfg(any())]
    #[cleanup]
    fn never(&self) {
        self.log.note("never");
    }

    #[cfg(not(any()))]
    #[cleanup]
    #[deprecated]
    fn tidy(&self) {
        self.log.note("cleanup");
    }
}

#[tokio::test]
async fn hooks_run_in_order() {
    let log = Log::default();

    let status = Service::for_node(Full { log: log.clone() })
        .start()
        .await
        .unwrap();

    assert!(status.is_graceful());
    assert_eq!(<Full as NodeLifecycle>::NAME, Some("full"));
    assert_eq!(
        log.taken(),
        [
            "pre_start",
            "on_start",
            "run",
            "on_stop",
            "post_stop",
            "cleanup"
        ]
    );
}

struct Failing;

#[dig_service::node]
impl Failing {
    #[run]
    async fn run(&self) -> Result<(), Closed> {
        Err(Closed)
    }
}

#[tokio::test]
async fn an_error_of_a_hook_keeps_its_type() {
    let error = Service::for_node(Failing).start().await.unwrap_err();

    let ServiceError::RunFailed(source) = error else {
        panic!("not RunFailed");
    };
    assert!(source.downcast_ref::<Closed>().is_some());
}
