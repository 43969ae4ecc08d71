//! Nodes written by hand, with all five methods spelled out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use dig_service::testing::TestNode;
use dig_service::{
    ExitReason, NodeLifecycle, RunContext, Service, ServiceError, ShutdownReason, StartContext,
    StopContext,
};

struct Recorder {
    seen: Arc<Mutex<Vec<&'static str>>>,
    broken: Option<&'static str>,
}

impl Recorder {
    fn step(&self, name: &'static str) -> anyhow::Result<()> {
        self.seen.lock().unwrap().push(name);
        if self.broken == Some(name) {
            anyhow::bail!("{name} is broken");
        }
        Ok(())
    }
}

#[async_trait]
impl NodeLifecycle for Recorder {
    const NAME: Option<&'static str> = Some("recorder");

    async fn pre_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        self.step("pre_start")
    }
    async fn on_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        self.step("on_start")
    }
    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        self.step("run")?;
        ctx.shutdown.cancelled().await;
        self.step("run_end")
    }
    async fn on_stop(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        self.step("on_stop")
    }
    async fn post_stop(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        self.step("post_stop")
    }
}

/// Lives a recorder's life; a task outside the service asks for the stop.
async fn live(broken: Option<&'static str>) -> (Vec<&'static str>, dig_service::Result<()>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let node = Recorder {
        seen: seen.clone(),
        broken,
    };
    let service = Service::<_, (), ()>::new(node, (), ());
    let handle = service.handle();
    assert_eq!(handle.name(), "recorder");
    let stopper = handle.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stopper.request_shutdown(ShutdownReason::UserRequested);
    });
    let result = service.start().await.map(|status| {
        assert!(status.is_graceful());
        assert!(matches!(
            status.reason,
            ExitReason::RequestedShutdown(ShutdownReason::UserRequested)
        ));
    });
    let seen = seen.lock().unwrap().clone();
    (seen, result)
}

#[tokio::test(start_paused = true)]
async fn hooks_run_in_order() {
    let (seen, result) = live(None).await;

    result.unwrap();
    assert_eq!(
        seen,
        [
            "pre_start",
            "on_start",
            "run",
            "run_end",
            "on_stop",
            "post_stop"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn failures_propagate_as_their_variants() {
    let (seen, result) = live(Some("pre_start")).await;
    assert!(
        matches!(result, Err(ServiceError::PreStartFailed(e)) if e.to_string() == "pre_start is broken")
    );
    assert_eq!(seen, ["pre_start"]);

    let (seen, result) = live(Some("on_start")).await;
    assert!(matches!(result, Err(ServiceError::OnStartFailed(_))));
    assert_eq!(seen, ["pre_start", "on_start", "post_stop"]);

    let (seen, result) = live(Some("run")).await;
    assert!(matches!(result, Err(ServiceError::RunFailed(_))));
    assert_eq!(
        seen,
        ["pre_start", "on_start", "run", "on_stop", "post_stop"]
    );

    let (seen, result) = live(Some("on_stop")).await;
    assert!(matches!(result, Err(ServiceError::OnStopFailed(_))));
    assert_eq!(seen.last(), Some(&"post_stop"));

    let (_, result) = live(Some("post_stop")).await;
    assert!(matches!(result, Err(ServiceError::OnStopFailed(_))));
}

#[tokio::test]
async fn test_node_fails_where_it_is_told_to() {
    type Check = fn(&ServiceError) -> bool;
    let table: [(TestNode, Check); 4] = [
        (
            TestNode {
                fail_pre_start: true,
                ..Default::default()
            },
            |e| matches!(e, ServiceError::PreStartFailed(_)),
        ),
        (
            TestNode {
                fail_on_start: true,
                ..Default::default()
            },
            |e| matches!(e, ServiceError::OnStartFailed(_)),
        ),
        (
            TestNode {
                fail_run: true,
                ..Default::default()
            },
            |e| matches!(e, ServiceError::RunFailed(_)),
        ),
        (
            TestNode {
                fail_on_stop: true,
                run_delay: Duration::from_millis(1),
                ..Default::default()
            },
            |e| matches!(e, ServiceError::OnStopFailed(_)),
        ),
    ];
    for (node, is_expected) in table {
        let error = Service::<_, (), ()>::new(node, (), ())
            .start()
            .await
            .unwrap_err();
        assert!(is_expected(&error), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn test_node_waits_for_the_stop_or_returns_after_its_delay() {
    let service = Service::<_, (), ()>::new(TestNode::default(), (), ());
    let handle = service.handle();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        handle.request_shutdown(ShutdownReason::RpcRequested);
    });
    let status = service.start().await.unwrap();
    assert!(matches!(
        status.reason,
        ExitReason::RequestedShutdown(ShutdownReason::RpcRequested)
    ));

    let node = TestNode {
        run_delay: Duration::from_secs(3),
        ..Default::default()
    };
    let status = Service::<_, (), ()>::new(node, (), ())
        .start()
        .await
        .unwrap();
    assert!(matches!(status.reason, ExitReason::RunCompleted));
}
