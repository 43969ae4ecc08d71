//! Odd moments and odd code: what a lifecycle must survive.

use std::fmt;
use std::panic::AssertUnwindSafe;

use super::*;
use crate::tasks::TaskOptions;

/// I18, exit code. A critical loop that returns on the token makes an ordinary SIGTERM a
/// `Fatal` stop with code 1, as it ends before the driver has closed the gate.
#[tokio::test]
async fn critical_task_that_obeys_the_stop_leaves_the_stop_graceful() {
    struct Voter;
    #[async_trait]
    impl NodeLifecycle for Voter {
        async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
            let options = TaskOptions::new(TaskKind::BackgroundLoop).critical();
            ctx.tasks.spawn_with("voter", options, |cx| async move {
                cx.shutdown.cancelled().await;
                Ok(())
            });
            tokio::task::yield_now().await;
            Ok(())
        }
    }
    let service = Service::new(Voter, (), ());
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    for _ in 0..5 {
        tokio::task::yield_now().await;
    }

    handle.request_shutdown(ShutdownReason::UserRequested);

    let outcome = describe(running.await.unwrap());
    assert_eq!(outcome, "RequestedShutdown(UserRequested)");
}

/// The same while a start hook winds up.
#[tokio::test(start_paused = true)]
async fn critical_task_that_obeys_a_stop_during_on_start_leaves_it_graceful() {
    let probe = Probe {
        on_start: Does::StopThenHang,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let options = TaskOptions::new(TaskKind::BackgroundLoop).critical();
    service
        .tasks()
        .spawn_with("voter", options, |cx| async move {
            cx.shutdown.cancelled().await;
            Ok(())
        });

    let outcome = describe(service.start().await);

    assert_eq!(outcome, "RequestedShutdown(UserRequested)");
}

/// I26 "`request_shutdown` records the reason at once and the token fires after the delay".
#[tokio::test(start_paused = true)]
async fn second_request_does_not_cut_the_drain_delay() {
    let deadlines = Deadlines::default().drain(Duration::from_secs(3));
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let service = Service::builder(probe).deadlines(deadlines).build();
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    let began = Instant::now();

    handle.request_shutdown(ShutdownReason::RpcRequested);
    reach(&handle, Phase::Draining).await;
    handle.request_shutdown(ShutdownReason::RpcRequested);
    handle.shutdown_token().cancelled().await;

    assert_eq!(began.elapsed(), Duration::from_secs(3));
    let _ = running.await;
}

/// Who waits for the end of a stop, as `request_shutdown` tells to, waits for ever; nor is
/// there a report or an event of the stop.
#[tokio::test(start_paused = true)]
async fn dropped_start_shows_stopped_and_leaves_a_report() {
    let probe = Probe {
        run: Does::Hang,
        ..Probe::default()
    };
    let service = Service::new(probe, (), ());
    let handle = service.handle();
    let _ = tokio::time::timeout(Duration::from_secs(1), service.start()).await;

    let mut phase = handle.phase();
    let stopped = phase.wait_for(|phase| *phase == Phase::Stopped);
    let stopped = tokio::time::timeout(Duration::from_secs(60), stopped).await;

    assert!(stopped.is_ok(), "for ever in {}", *handle.phase().borrow());
    assert!(handle.exit_report().is_some());
}

/// Service-api "After the service is gone they do nothing".
#[tokio::test]
async fn hurry_after_the_end_writes_no_event() {
    let service = Service::new(Probe::default(), (), ());
    let handle = service.handle();
    let _ = service.start().await;
    let mut events = handle.subscribe();

    handle.hurry_shutdown(ShutdownReason::UserRequested);
    drop(handle);

    let event = tokio::time::timeout(Duration::from_millis(50), events.next()).await;
    assert!(!matches!(event, Ok(Some(_))), "{event:?}");
}

/// I25, I29. The grace of a cancelled start hook comes on top of the total, while the watchdog
/// counts from the token: it ends the process with 124 in the middle of the undo.
#[tokio::test(start_paused = true)]
async fn stop_during_a_start_hook_stays_within_the_total() {
    let probe = Probe {
        on_start: Does::StopThenHang,
        post_stop: Does::Hang,
        ..Probe::default()
    };
    let total = Deadlines::default().total();
    let began = Instant::now();

    let _ = live(probe).await;

    assert!(
        began.elapsed() <= total,
        "{:?} of {total:?}",
        began.elapsed()
    );
}

/// I3, I4. `cleanup` has no time of its own: a hanging `post_stop` leaves it a single poll.
#[tokio::test(start_paused = true)]
async fn cleanup_is_given_time_when_post_stop_hangs() {
    struct Slow(Log);
    #[async_trait]
    impl NodeLifecycle for Slow {
        async fn run(&self, _: RunContext) -> anyhow::Result<()> {
            Ok(())
        }
        async fn post_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
            std::future::pending().await
        }
        async fn cleanup(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.0.lock().unwrap().push("cleaned".to_owned());
            Ok(())
        }
    }
    let log = Log::default();

    let _ = Service::new(Slow(Arc::clone(&log)), (), ()).start().await;

    assert_eq!(*log.lock().unwrap(), ["cleaned"]);
}

#[derive(Debug)]
struct PanicsWhenShown;

impl fmt::Display for PanicsWhenShown {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("cannot be shown")
    }
}

impl std::error::Error for PanicsWhenShown {}

struct Listens;

impl tracing::Subscriber for Listens {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// An error that cannot be shown tears down the driver: no `on_stop`, no `post_stop`.
#[tokio::test]
async fn error_that_cannot_be_shown_does_not_skip_the_stop_hooks() {
    struct Odd(Log);
    #[async_trait]
    impl NodeLifecycle for Odd {
        async fn run(&self, _: RunContext) -> anyhow::Result<()> {
            Err(PanicsWhenShown.into())
        }
        async fn on_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
            self.0.lock().unwrap().push("on_stop".to_owned());
            Ok(())
        }
    }
    let log = Log::default();
    // Without a subscriber no field is made.
    let _listens = tracing::subscriber::set_default(Listens);

    let started = tokio::spawn(Service::new(Odd(Arc::clone(&log)), (), ()).start()).await;

    assert!(started.is_ok(), "start panicked");
    assert_eq!(*log.lock().unwrap(), ["on_stop"]);
}

/// Without a timer driver the service lives, and panics in the middle of its stop.
#[test]
fn runtime_without_timers_is_refused_before_any_hook() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let probe = Probe {
        run: Does::StopThenOk,
        ..Probe::default()
    };
    let log = Arc::clone(&probe.log);

    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(Service::new(probe, (), ()).start())
    }));

    let log = log.lock().unwrap();
    let is_whole = outcome.is_ok() && log.contains(&"post_stop".to_owned());
    assert!(is_whole || log.is_empty(), "panicked after {log:?}");
}

/// Service-api "`join_all` on a stand-alone registry closes it": in a hook it closes the
/// registry of the whole running service, for good.
#[tokio::test]
async fn join_all_in_a_hook_does_not_close_the_services_registry() {
    struct Warm;
    #[async_trait]
    impl NodeLifecycle for Warm {
        async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
            ctx.tasks
                .spawn("warm", TaskKind::Maintenance, async { Ok(()) });
            Ok(ctx.tasks.join_all(Duration::from_secs(5)).await?)
        }
        async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
            ctx.tasks
                .try_spawn("loop", TaskKind::BackgroundLoop, async { Ok(()) })?;
            Ok(())
        }
    }

    let outcome = describe(Service::new(Warm, (), ()).start().await);

    assert_eq!(outcome, "RunCompleted");
}

/// The outcome is lost when the node's own destructor panics.
#[tokio::test]
async fn node_that_panics_when_dropped_does_not_lose_the_outcome() {
    struct Bomb {
        _bomb: PanicsWhenDropped,
    }
    #[async_trait]
    impl NodeLifecycle for Bomb {
        async fn run(&self, _: RunContext) -> anyhow::Result<()> {
            Ok(())
        }
    }

    let started = tokio::spawn(
        Service::new(
            Bomb {
                _bomb: PanicsWhenDropped,
            },
            (),
            (),
        )
        .start(),
    )
    .await;

    assert!(started.is_ok(), "start panicked after the service was over");
}

/// A transport whose address takes for ever to resolve.
struct NeverOpens;

impl crate::service::attachment::Attachment for NeverOpens {
    fn open(
        &mut self,
        _: crate::service::attachment::OpenContext,
    ) -> crate::error::BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(std::future::pending())
    }

    fn drain(
        &mut self,
        _: crate::service::attachment::Limit,
    ) -> crate::error::BoxFuture<'_, usize> {
        Box::pin(std::future::ready(0))
    }
}

/// I9. A stop while a transport binds (a name that does not resolve) is not seen.
#[tokio::test(start_paused = true)]
async fn stop_while_a_transport_opens_is_obeyed() {
    let node = (Arc::new(Probe::default()), Arc::new(()), Arc::new(()));
    let settings = crate::service::builder::Settings::default();
    let service = Service::assemble(
        node,
        settings,
        crate::service::driver::Attachments {
            transports: vec![Box::new(NeverOpens)],
            ..Default::default()
        },
        crate::supervisor::Supervisor::new(),
    );
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    tokio::time::sleep(Duration::from_secs(1)).await;

    handle.request_shutdown(ShutdownReason::UserRequested);

    let outcome = tokio::time::timeout(Duration::from_secs(25), running).await;
    assert!(outcome.is_ok(), "still in {}", *handle.phase().borrow());
}
