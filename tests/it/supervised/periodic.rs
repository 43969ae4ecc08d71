//! The options of `#[task]` and `#[reload]`, each seen to decide something.

use dig_service::{EventKind, TaskKind};

use super::*;

struct Faulty(Story);

#[dig_service::node]
impl Faulty {
    #[task(every = "1s", on_error = "log")]
    fn goes_on(&self) -> anyhow::Result<()> {
        self.0.tell("goes on");
        anyhow::bail!("no route")
    }
}

#[tokio::test(start_paused = true)]
async fn error_of_a_round_that_is_logged_lets_the_rounds_go_on() {
    let story = Story::default();
    stopped_after(Service::for_node(Faulty(story.clone())), SECOND * 19 / 2).await;
    assert_eq!(story.all(), ["goes on"; 9]);
}

/// One task of each kind, of which one has the default, under names of their own.
struct Kinds;

#[dig_service::node]
impl Kinds {
    #[task(every = "1s", kind = "background_loop", name = "the loop")]
    fn background_loop(&self) {}

    #[task(every = "1s", kind = "peer_connection", name = "the peer")]
    fn peer_connection(&self) {}

    #[task(every = "1s", kind = "rpc_handler", name = "the handler")]
    fn rpc_handler(&self) {}

    #[task(every = "1s", kind = "maintenance", name = "the gc")]
    fn maintenance(&self) {}
}

#[tokio::test(start_paused = true)]
async fn tasks_are_shown_under_the_name_and_as_the_kind_that_are_given() {
    let kinds = [
        ("the loop", TaskKind::BackgroundLoop),
        ("the peer", TaskKind::PeerConnection),
        ("the handler", TaskKind::RpcHandler),
        ("the gc", TaskKind::Maintenance),
    ];
    let shown = shown_kinds(Service::for_node(Kinds), kinds.map(|(name, _)| name)).await;
    assert_eq!(shown, kinds.map(|(_, kind)| kind));
}

/// Steps that are declared in another order than they run in.
struct Reloading(Story);

#[dig_service::node]
impl Reloading {
    #[reload(order = 5)]
    fn last(&self) {
        self.0.tell("5");
    }

    #[reload(order = 1)]
    async fn behind(&self) {
        self.0.tell("1");
    }

    #[reload]
    async fn middle(&self) {
        self.0.tell("none");
    }

    #[reload(order = 0)]
    fn middle_too(&self) {
        self.0.tell("0");
    }

    #[reload(order = -1)]
    fn before(&self) {
        self.0.tell("-1");
    }

    #[reload(order = -2_000_000_000)]
    async fn first(&self) {
        self.0.tell("least");
    }
}

#[tokio::test(start_paused = true)]
async fn steps_of_a_reload_run_by_their_order_and_then_by_their_declaration() {
    let story = Story::default();
    let service = Service::for_node(Reloading(story.clone()));
    let handle = service.handle();
    let mut events = handle.subscribe();
    let steering = async {
        handle.reload();
        while let Some(Ok(event)) = events.next().await {
            if matches!(event.kind, EventKind::ReloadEnded { .. }) {
                break;
            }
        }
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (status, ()) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    assert_eq!(story.all(), ["least", "-1", "none", "0", "1", "5"]);
}
