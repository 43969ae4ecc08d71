//! The options of `#[supervised]`, each seen to decide something.

use dig_service::{TaskContext, TaskKind};

use super::*;

/// Fails every so often.
struct Flapping;

#[dig_service::node]
impl Flapping {
    /// The third end comes 80 s after the first: within the window.
    #[supervised(
        backoff("1ms", "1ms"),
        max_restarts = 2,
        within = "3m",
        give_up = "quarantine"
    )]
    async fn wide(&self, cx: &TaskContext) -> anyhow::Result<()> {
        self.fail_after(cx, 40).await
    }

    /// The third end comes 20 s after the first: the default window has them all, this one has not.
    #[supervised(
        backoff("1ms", "1ms"),
        max_restarts = 2,
        within = "15s",
        give_up = "quarantine"
    )]
    async fn narrow(&self, cx: &TaskContext) -> anyhow::Result<()> {
        self.fail_after(cx, 10).await
    }

    /// As many restarts as by default, in a wider window.
    #[supervised(backoff("1ms", "1ms"), within = "10m", give_up = "quarantine")]
    async fn alone(&self, cx: &TaskContext) -> anyhow::Result<()> {
        self.fail_after(cx, 30).await
    }

    async fn fail_after(&self, cx: &TaskContext, seconds: u32) -> anyhow::Result<()> {
        tokio::select! {
            () = cx.shutdown.cancelled() => Ok(()),
            () = tokio::time::sleep(SECOND * seconds) => anyhow::bail!("again"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn restarts_are_counted_within_the_window_that_is_given() {
    let service = Service::for_node(Flapping);
    let handle = service.handle();
    let steering = async {
        tokio::time::sleep(SECOND * 300).await;
        let child = |name: &str| handle.supervisor().child(name).unwrap();
        let seen = |name: &str| (child(name).phase, child(name).starts);
        let seen = [seen("wide"), seen("alone")];
        let narrow = (child("narrow").phase, child("narrow").starts >= 29);
        handle.request_shutdown(ShutdownReason::UserRequested);
        (seen, narrow)
    };

    let (status, (seen, narrow)) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    let rests = ChildPhase::Quarantined;
    assert_eq!(seen, [(rests, 3), (rests, 6)], "wide, alone");
    assert_eq!(narrow, (ChildPhase::Running, true));
}

/// One child of each kind, of which one has the default.
struct Kinds;

#[dig_service::node]
impl Kinds {
    #[supervised(kind = "background_loop")]
    async fn background_loop(&self, cx: &TaskContext) {
        cx.shutdown.cancelled().await;
    }

    #[supervised(kind = "peer_connection")]
    async fn peer_connection(&self, cx: &TaskContext) {
        cx.shutdown.cancelled().await;
    }

    #[supervised(kind = "rpc_handler")]
    async fn rpc_handler(&self, cx: &TaskContext) {
        cx.shutdown.cancelled().await;
    }

    #[supervised(kind = "maintenance")]
    async fn maintenance(&self, cx: &TaskContext) {
        cx.shutdown.cancelled().await;
    }
}

#[tokio::test(start_paused = true)]
async fn supervised_work_is_shown_as_the_kind_that_is_given() {
    let kinds = [
        ("background_loop", TaskKind::BackgroundLoop),
        ("peer_connection", TaskKind::PeerConnection),
        ("rpc_handler", TaskKind::RpcHandler),
        ("maintenance", TaskKind::Maintenance),
    ];
    let shown = shown_kinds(Service::for_node(Kinds), kinds.map(|(name, _)| name)).await;
    assert_eq!(shown, kinds.map(|(_, kind)| kind));
}

/// Work that fails at once, or is done at once, under each policy.
struct Policies;

#[dig_service::node]
impl Policies {
    #[supervised(restart = "always", backoff("1s", "1s"), give_up = "ignore")]
    async fn always_done(&self) {}

    #[supervised(restart = "on_failure", backoff("1s", "1s"), give_up = "ignore")]
    async fn on_failure_done(&self) {}

    #[supervised(restart = "never", backoff("1s", "1s"), give_up = "ignore")]
    async fn never_done(&self) {}

    #[supervised(restart = "always", backoff("1s", "1s"), give_up = "ignore")]
    async fn always_fails(&self) -> anyhow::Result<()> {
        anyhow::bail!("again")
    }

    #[supervised(restart = "on_failure", backoff("1s", "1s"), give_up = "ignore")]
    async fn on_failure_fails(&self) -> anyhow::Result<()> {
        anyhow::bail!("again")
    }

    #[supervised(restart = "never", backoff("1s", "1s"), give_up = "ignore")]
    async fn never_fails(&self) -> anyhow::Result<()> {
        anyhow::bail!("never mind")
    }
}

#[tokio::test(start_paused = true)]
async fn work_is_started_again_after_the_ends_that_its_policy_names() {
    let service = Service::for_node(Policies);
    let handle = service.handle();
    let steering = async {
        tokio::time::sleep(SECOND * 30).await;
        let seen = ["always", "on_failure", "never"].map(|policy| {
            ["done", "fails"].map(|end| {
                let child = handle.supervisor().child(&format!("{policy}_{end}"));
                let child = child.unwrap();
                (child.starts, child.phase)
            })
        });
        handle.request_shutdown(ShutdownReason::UserRequested);
        seen
    };

    let (status, seen) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    let (once, all) = (1, 6);
    let (over, failed) = (ChildPhase::Stopped, ChildPhase::Failed);
    assert_eq!(seen[0].map(|(starts, _)| starts), [all, all], "always");
    assert_eq!(seen[1], [(once, over), (all, failed)], "on_failure");
    assert_eq!(seen[2], [(once, over), (once, failed)], "never");
}

macro_rules! gives_up {
    ($node:ident, $word:literal) => {
        struct $node;

        #[dig_service::node]
        impl $node {
            #[supervised(backoff("1s", "1s"), max_restarts = 2, give_up = $word)]
            async fn feed(&self) -> anyhow::Result<()> {
                anyhow::bail!("no route")
            }
        }
    };
}

gives_up!(Escalating, "escalate");
gives_up!(Quarantining, "quarantine");
gives_up!(Ignoring, "ignore");

/// Returns whether the service was stopped by its child, and where that stood after a minute.
async fn given_up<N: NodeLifecycle>(node: N) -> (bool, Option<(ChildPhase, u64)>) {
    let service = Service::builder(node).build();
    let handle = service.handle();
    let looking = async {
        tokio::time::sleep(SECOND * 60).await;
        let child = handle.supervisor().child("feed");
        handle.request_shutdown(ShutdownReason::UserRequested);
        child.map(|child| (child.phase, child.starts))
    };

    let (status, child) = tokio::join!(service.start(), looking);

    let is_fatal = status.is_ok_and(|status| {
        matches!(
            status.reason,
            ExitReason::RequestedShutdown(ShutdownReason::Fatal(_))
        )
    });
    (is_fatal, child.ok())
}

#[tokio::test(start_paused = true)]
async fn one_restart_too_many_is_answered_as_the_attribute_says() {
    let failed = Some((ChildPhase::Failed, 3));
    let rests = Some((ChildPhase::Quarantined, 3));

    assert_eq!(given_up(Escalating).await, (true, failed));
    assert_eq!(given_up(Quarantining).await, (false, rests));
    assert_eq!(given_up(Ignoring).await, (false, failed));
}
