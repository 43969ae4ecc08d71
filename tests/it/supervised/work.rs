//! The work that nodes declare by attributes.

use std::sync::atomic::{AtomicU32, Ordering};

use dig_service::supervisor::ChildExit;
use dig_service::{EventKind, TaskContext, TaskKind};

use super::*;

#[derive(Clone, Default)]
struct Counts {
    story: Story,
    seconds: Arc<AtomicU32>,
}

struct Periodic(Counts);

#[dig_service::node]
impl Periodic {
    #[task(every = "10s", initial_delay = "1s")]
    async fn early(&self, cx: &TaskContext) {
        assert!(!cx.shutdown.is_cancelled());
        self.0.story.tell("early");
    }

    #[task(every = Self::interval, name = "asked")]
    fn by_question(&self) -> anyhow::Result<()> {
        self.0.story.tell("asked");
        anyhow::bail!("is logged")
    }

    #[task(every = "7s", kind = "background_loop")]
    async fn bomb(&self) {
        self.0.story.tell("bomb");
        panic!("boom");
    }

    #[reload(order = 2)]
    fn second(&self) {
        self.0.story.tell("second");
    }

    #[reload(order = 1)]
    async fn first(&self) -> anyhow::Result<()> {
        self.0.story.tell("first");
        Ok(())
    }

    fn interval(&self) -> Duration {
        SECOND * self.0.seconds.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_run_at_their_periods_and_reloads_ask_anew() {
    let counts = Counts::default();
    counts.seconds.store(20, Ordering::SeqCst);
    let service = Service::for_node(Periodic(counts.clone()));
    let handle = service.handle();
    let steering = async {
        tokio::time::sleep(SECOND * 25).await;
        let bomb = handle.supervisor().child("bomb").unwrap();
        assert!(bomb.failures >= 2, "{bomb:?}");
        assert!(matches!(bomb.last_exit, Some(ChildExit::Panicked(_))));
        let kinds = handle.all_tasks();
        let bomb = kinds.iter().find(|task| task.name == "bomb").unwrap();
        assert_eq!(bomb.kind, TaskKind::BackgroundLoop);
        assert!(bomb.spawned_from.file().ends_with("supervised/work.rs"));
        let before = counts.story.all();
        counts.seconds.store(2, Ordering::SeqCst);
        handle.reload();
        tokio::time::sleep(SECOND * 5).await;
        assert!(handle.is_ready());
        let after = counts.story.all().split_off(before.len());
        handle.request_shutdown(ShutdownReason::UserRequested);
        (before, after)
    };

    let (status, (before, after)) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    let count = |story: &[String], what: &str| story.iter().filter(|told| *told == what).count();
    assert_eq!(count(&before, "early"), 3, "{before:?}");
    assert_eq!(count(&before, "asked"), 1, "{before:?}");
    assert_eq!(after[..2], ["first", "second"], "{after:?}");
    assert_eq!(count(&after, "asked"), 2, "{after:?}");
}

struct Late(Story, Instant);

#[dig_service::node]
impl Late {
    #[task(every = "10s", missed = "burst")]
    async fn bursts(&self) {
        self.round("bursts").await;
    }

    #[task(every = "10s", missed = "delay")]
    async fn delays(&self) {
        self.round("delays").await;
    }

    #[task(every = "10s", missed = "skip")]
    async fn skips(&self) {
        self.round("skips").await;
    }

    #[task(every = "10s")]
    async fn by_default(&self) {
        self.round("by_default").await;
    }

    #[task(every = "10s", jitter = "50%")]
    fn jitters(&self) {
        let late = self.1.elapsed().as_millis() % 10_000;
        assert!(late <= 5_001, "{late}");
        if late > 100 {
            self.0.tell("jitters");
        }
    }

    /// The first round takes two periods and a half.
    async fn round(&self, name: &str) {
        let is_first = !self.0.all().iter().any(|told| told.starts_with(name));
        self.0
            .tell(format!("{name} {}", self.1.elapsed().as_secs()));
        if is_first {
            tokio::time::sleep(SECOND * 25).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn missed_rounds_and_jitter_are_as_the_attribute_says() {
    let story = Story::default();
    let service = Service::for_node(Late(story.clone(), Instant::now()));
    let handle = service.handle();
    let steering = async {
        tokio::time::sleep(SECOND * 58).await;
        assert_eq!(handle.supervisor().child("jitters").unwrap().failures, 0);
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (status, ()) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    let told = story.all();
    let rounds = |name: &str| {
        let told = told.iter().filter_map(|told| told.strip_prefix(name));
        told.map(str::trim).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(rounds("bursts"), "10 35 35 40 50");
    assert_eq!(rounds("delays"), "10 35 45 55");
    assert_eq!(rounds("skips"), "10 40 50");
    assert_eq!(rounds("by_default"), "10 40 50");
    assert!(told.iter().any(|told| told == "jitters"), "nothing is late");
}

struct Stops;

#[dig_service::node]
impl Stops {
    #[task(every = "1s", on_error = "stop")]
    fn fails(&self) -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

#[tokio::test(start_paused = true)]
async fn task_that_stops_on_errors_stops_the_service_with_fatal() {
    let began = Instant::now();

    let status = Service::for_node(Stops).start().await.unwrap();

    let reason = status.reason.to_string();
    assert!(reason.contains("child `/fails`: failed"), "{reason}");
    assert_eq!(began.elapsed(), SECOND);
}

struct Supervised(Story);

#[dig_service::node]
impl Supervised {
    #[supervised(
        backoff("1s", "2s"),
        max_restarts = 3,
        within = "1h",
        give_up = "quarantine"
    )]
    async fn flaps(&self) -> anyhow::Result<()> {
        self.0.tell("flaps");
        anyhow::bail!("again")
    }

    #[supervised(restart = "always", name = "works")]
    async fn completes(&self, cx: &TaskContext) {
        self.0.tell("works");
        if self.0.all().iter().filter(|told| *told == "works").count() == 3 {
            cx.shutdown.cancelled().await;
            self.0.tell("told");
        }
    }

    #[supervised(restart = "never", give_up = "ignore")]
    async fn once(&self) -> anyhow::Result<()> {
        anyhow::bail!("never mind")
    }
}

#[tokio::test(start_paused = true)]
async fn supervised_methods_go_by_their_options() {
    let story = Story::default();
    let service = Service::for_node(Supervised(story.clone()));
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let steering = async {
        let began = Instant::now();
        let status = supervisor.wait_for("flaps", ChildPhase::Quarantined).await;
        // 1, 2 and 2 seconds, with a fifth more or less.
        let took = began.elapsed();
        assert!(took >= 4 * SECOND && took <= 6 * SECOND, "{took:?}");
        assert_eq!(status.unwrap().starts, 4);
        assert_eq!(supervisor.child("works").unwrap().starts, 3);
        let once = supervisor.child("once").unwrap();
        assert_eq!((once.phase, once.starts), (ChildPhase::Failed, 1));
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (status, ()) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    assert_eq!(story.all().last().map(String::as_str), Some("told"));
}

struct Reloads(Arc<AtomicU32>);

#[dig_service::node]
impl Reloads {
    #[reload]
    async fn step(&self) -> anyhow::Result<()> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => anyhow::bail!("the file is gone"),
            1 => panic!("boom"),
            _ => Ok(()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn step_of_a_reload_that_fails_leaves_the_service_not_ready_until_one_succeeds() {
    let service = Service::for_node(Reloads(Arc::default()));
    let handle = service.handle();
    let mut events = handle.subscribe();
    let steering = async {
        let mut seen = Vec::new();
        for _ in 0..3 {
            handle.reload();
            while let Some(Ok(event)) = events.next().await {
                if let EventKind::ReloadEnded { generation, error } = event.kind {
                    seen.push((generation, error.is_some(), handle.is_ready()));
                    break;
                }
            }
        }
        handle.request_shutdown(ShutdownReason::UserRequested);
        seen
    };

    let (status, seen) = tokio::join!(service.start(), steering);

    assert!(status.unwrap().is_graceful());
    assert_eq!(seen, [(0, true, false), (0, true, false), (1, false, true)]);
}

/// Twice the same name: on a node, and given to the builder.
#[tokio::test(start_paused = true)]
async fn names_are_unique_among_all_children_of_a_service() {
    let service = Service::node_builder(Supervised(Story::default()))
        .supervise(failing("works"))
        .build();

    let error = service.start().await.unwrap_err();

    assert!(matches!(error, ServiceError::PreStartFailed(_)));
    let cause = format!("{:#}", anyhow::Error::new(error));
    assert!(cause.contains("two children are called `works`"), "{cause}");
}
