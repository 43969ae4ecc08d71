//! What hooks written as attributes are given.

use std::sync::{Arc, Mutex, PoisonError};

use dig_service::{ExitReason, RunContext, Service, ShutdownReason, StartContext, StopContext};

/// What the hooks saw, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, what: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(what);
    }

    fn start(&self, hook: &str, ctx: &StartContext<'_>) {
        let is_asked = ctx.shutdown.is_cancelled();
        self.note(format!("{hook}: {}, {is_asked}", ctx.name));
    }

    fn stop(&self, hook: &str, ctx: &StopContext<'_>) {
        let reason = match &ctx.exit_reason {
            ExitReason::RunCompleted => "completed".to_owned(),
            ExitReason::RequestedShutdown(reason) => format!("asked: {reason:?}"),
            ExitReason::RunError(error) => format!("failed: {error:#}"),
        };
        let told = ctx.shutdown.reason();
        self.note(format!("{hook}: {reason}, {told:?}"));
    }

    fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct Node {
    seen: Seen,
    fails: bool,
}

#[dig_service::node(name = "seeing")]
impl Node {
    #[pre_start]
    async fn open(&self, ctx: &StartContext<'_>) {
        self.seen.start("pre_start", ctx);
    }

    #[on_start]
    fn warm(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        self.seen.start("on_start", ctx);
        anyhow::ensure!(!self.fails, "no peers");
        Ok(())
    }

    #[run]
    async fn work(&self, ctx: RunContext) {
        ctx.shutdown.cancelled().await;
    }

    #[on_stop]
    async fn flush(&self, ctx: &StopContext<'_>) {
        self.seen.stop("on_stop", ctx);
    }

    #[post_stop]
    fn close(&self, ctx: &StopContext<'_>) {
        self.seen.stop("post_stop", ctx);
    }

    #[cleanup]
    async fn tidy(&self, ctx: &StopContext<'_>) {
        self.seen.stop("cleanup", ctx);
    }
}

fn node(fails: bool) -> (Service<Node, (), Node>, Seen) {
    let seen = Seen::default();
    let node = Node {
        seen: seen.clone(),
        fails,
    };
    (Service::for_node(node), seen)
}

#[tokio::test(start_paused = true)]
async fn hooks_are_given_the_name_and_why_the_service_ends() {
    let (service, seen) = node(false);
    let handle = service.handle();
    let stopping = async {
        handle
            .phase()
            .wait_for(|phase| *phase == dig_service::Phase::Running)
            .await
            .unwrap();
        handle.request_shutdown(ShutdownReason::RpcRequested);
    };

    let (status, ()) = tokio::join!(service.start(), stopping);

    assert!(status.unwrap().is_graceful());
    let ends = |hook: &str| format!("{hook}: asked: RpcRequested, Some(RpcRequested)");
    assert_eq!(
        seen.all(),
        [
            "pre_start: seeing, false".to_owned(),
            "on_start: seeing, false".to_owned(),
            ends("on_stop"),
            ends("post_stop"),
            ends("cleanup"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn hooks_behind_a_failed_start_are_given_the_failure() {
    let (service, seen) = node(true);

    service.start().await.unwrap_err();

    let ends = |hook: &str| {
        format!("{hook}: failed: no peers, Some(Fatal(\"on_start failed: no peers\"))")
    };
    assert_eq!(
        seen.all(),
        [
            "pre_start: seeing, false".to_owned(),
            "on_start: seeing, false".to_owned(),
            ends("post_stop"),
            ends("cleanup"),
        ]
    );
}
