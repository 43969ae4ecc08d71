use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::*;
use crate::error::ServiceError;
use crate::phase::Phase;
use crate::shutdown::{ShutdownReason, ShutdownToken};

mod odd;
mod protected;
mod scopes;
mod table;

const LOOP: TaskKind = TaskKind::BackgroundLoop;

fn registry() -> TaskRegistry {
    TaskRegistry::new(ShutdownToken::new())
}

/// Counts how often it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counts(tasks: &TaskRegistry) -> [u64; 7] {
    let c = tasks.counts();
    assert_eq!(
        c.spawned,
        c.live + c.completed + c.failed + c.panicked + c.aborted
    );
    [
        c.spawned,
        c.live,
        c.completed,
        c.failed,
        c.panicked,
        c.aborted,
        c.refused,
    ]
}

#[tokio::test]
async fn spawned_task_is_listed_before_its_first_poll() {
    let tasks = registry();

    tasks.spawn("loop", LOOP, std::future::pending());

    let listed = tasks.snapshot();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name, listed[0].kind), ("loop", LOOP));
    assert!(listed[0].spawned_from.file().ends_with("tests.rs"));
    assert_eq!(listed[0].scope, "");
    assert_eq!(tasks.len(), 1);
}

#[tokio::test]
async fn finished_task_leaves_at_once_whatever_its_end() {
    let tasks = registry();
    tasks.spawn("ok", LOOP, async { Ok(()) });
    tasks.spawn("err", LOOP, async { anyhow::bail!("broken") });
    tasks.spawn("panic", LOOP, async { panic!("bad") });
    let aborted = tasks.spawn("abort", LOOP, std::future::pending());
    aborted.abort();

    tasks.idle_by(None).await;

    assert!(tasks.is_empty() && tasks.snapshot().is_empty());
    assert_eq!(counts(&tasks), [4, 0, 1, 1, 1, 1, 0]);
    let mut ends: Vec<_> = tasks
        .recent_outcomes()
        .iter()
        .map(|o| (o.name, o.end.label()))
        .collect();
    ends.sort_unstable();
    assert_eq!(
        ends,
        [
            ("abort", "aborted"),
            ("err", "failed"),
            ("ok", "completed"),
            ("panic", "panicked")
        ]
    );
    let panic = tasks
        .recent_outcomes()
        .into_iter()
        .find(|o| o.name == "panic")
        .unwrap();
    assert!(matches!(panic.end, TaskEnd::Panicked(p) if p.message() == "bad"));
}

#[tokio::test]
async fn outcome_ring_is_bounded() {
    let tasks = registry();
    for _ in 0..200 {
        tasks.spawn("ok", LOOP, async { Ok(()) });
    }
    tasks.idle_by(None).await;

    let recent = tasks.recent_outcomes();
    assert_eq!(recent.len(), 128);
    assert!(recent.windows(2).all(|pair| pair[0].id != pair[1].id));
}

#[tokio::test(start_paused = true)]
async fn join_ends_with_the_last_task() {
    let tasks = registry();
    for millis in [10, 30, 20] {
        tasks.spawn("timed", LOOP, async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(())
        });
    }
    let began = Instant::now();

    tasks.join_all(Duration::from_secs(60)).await.unwrap();

    assert_eq!(began.elapsed(), Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn join_aborts_laggards_under_one_deadline_and_waits_for_destructors() {
    let tasks = registry();
    let drops = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let dropped = Dropped(Arc::clone(&drops));
        tasks.spawn("deaf", LOOP, async move {
            let _dropped = dropped;
            std::future::pending().await
        });
    }
    let began = Instant::now();

    let failure = tasks.join_all(Duration::from_millis(50)).await.unwrap_err();

    assert_eq!(began.elapsed(), Duration::from_millis(50));
    assert!(matches!(
        failure,
        ServiceError::ShutdownDeadlineExceeded { pending: 3, deadline } if deadline.as_millis() == 50
    ));
    assert_eq!(drops.load(Ordering::SeqCst), 3);
    assert_eq!(counts(&tasks), [3, 0, 0, 0, 0, 3, 0]);
}

#[tokio::test]
async fn closed_registry_refuses_and_drops_unpolled() {
    let tasks = registry();
    tasks.join_all(Duration::ZERO).await.unwrap();
    let drops = Arc::new(AtomicUsize::new(0));
    let dropped = Dropped(Arc::clone(&drops));

    let handle = tasks.spawn("late", LOOP, async move {
        let _dropped = dropped;
        panic!("polled")
    });
    let refused = tasks
        .try_spawn("later", LOOP, async { Ok(()) })
        .unwrap_err();
    let blocking = tasks
        .spawn_blocking("latest", LOOP, |_| panic!("called"))
        .unwrap_err();

    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!((refused.name, refused.phase), ("later", Phase::Joining));
    assert_eq!(blocking.name, "latest");
    assert_eq!(counts(&tasks), [0, 0, 0, 0, 0, 0, 3]);
    while !handle.is_finished() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn spawn_with_gives_a_token_of_the_tasks_own() {
    let tasks = registry();
    let done = Arc::new(Notify::new());
    let tell = Arc::clone(&done);
    tasks.spawn_with("self-stopper", LOOP, |cx| async move {
        assert_eq!(cx.name, "self-stopper");
        cx.shutdown.cancel(ShutdownReason::RequestedByRun);
        cx.shutdown.cancelled().await;
        tell.notify_one();
        Ok(())
    });

    done.notified().await;

    assert!(!tasks.shutdown().is_cancelled());
}

#[tokio::test]
async fn label_and_criticality_are_listed() {
    let tasks = registry();
    let options = TaskOptions::new(LOOP)
        .critical()
        .label(format!("peer {}", 7));
    tasks
        .try_spawn("conn", options, std::future::pending())
        .unwrap();

    let listed = &tasks.snapshot()[0];

    assert_eq!(listed.label.as_deref(), Some("peer 7"));
    assert_eq!(listed.criticality, Criticality::Critical);
}

#[tokio::test]
async fn critical_task_may_finish_if_declared() {
    let tasks = registry();
    let options = TaskOptions::new(LOOP).critical().may_finish();
    tasks
        .try_spawn("import", options.clone(), async { Ok(()) })
        .unwrap();
    tasks.idle_by(None).await;
    assert!(!tasks.shutdown().is_cancelled());

    tasks
        .try_spawn("import", options, async { anyhow::bail!("half done") })
        .unwrap();
    tasks.idle_by(None).await;
    let reason = tasks.shutdown().reason();
    assert_eq!(
        reason,
        Some(ShutdownReason::Fatal(
            "critical task `import`: half done".to_owned()
        ))
    );
}

#[tokio::test]
async fn best_effort_failure_degrades_and_standard_does_not() {
    let tasks = registry();
    tasks.spawn("standard", LOOP, async { anyhow::bail!("broken") });
    tasks.idle_by(None).await;
    assert!(!tasks.is_degraded());

    let options = TaskOptions::new(LOOP).best_effort();
    tasks
        .try_spawn("upnp", options, async { panic!("no router") })
        .unwrap();
    tasks.idle_by(None).await;
    assert!(tasks.is_degraded());
    assert!(!tasks.shutdown().is_cancelled());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_task_is_tracked_told_and_joined() {
    let tasks = registry();
    tasks
        .spawn_blocking("scan", LOOP, |cx| {
            while !cx.shutdown.is_cancelled() {
                std::thread::yield_now();
            }
            anyhow::bail!("told to stop")
        })
        .unwrap();
    assert!(tasks.snapshot()[0].is_blocking);

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(20)).await.unwrap();

    assert_eq!(counts(&tasks), [1, 0, 0, 1, 0, 0, 0]);
}

#[tokio::test]
async fn destructor_that_panics_is_reported_and_the_task_leaves() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }
    let tasks = registry();
    let bomb = Bomb;
    let handle = tasks.spawn("bomb", LOOP, async move {
        let _bomb = &bomb;
        std::future::pending().await
    });
    tokio::task::yield_now().await;

    handle.abort();
    tasks.idle_by(None).await;

    assert_eq!(counts(&tasks), [1, 0, 0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn i22_completion_wins_over_abort_on_the_same_poll() {
    let tasks = registry();
    let slot: Arc<crate::sync::Lock<Option<tokio::task::AbortHandle>>> = Arc::default();
    let own = Arc::clone(&slot);
    let handle = tasks.spawn("racer", LOOP, async move {
        if let Some(handle) = own.lock().take() {
            handle.abort();
        }
        Ok(())
    });
    *slot.lock() = Some(handle);

    tasks.idle_by(None).await;

    assert_eq!(counts(&tasks), [1, 0, 1, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spawns_aborts_and_listings_from_many_tasks_balance() {
    let tasks = registry();
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let tasks = tasks.clone();
            std::thread::spawn({
                let runtime = tokio::runtime::Handle::current();
                move || {
                    let _entered = runtime.enter();
                    for round in 0..500 {
                        let handle = tasks.spawn("unit", LOOP, async move {
                            anyhow::ensure!(round % 7 != worker % 7, "seven");
                            tokio::task::yield_now().await;
                            Ok(())
                        });
                        if round % 3 == 0 {
                            handle.abort();
                        }
                        if round % 50 == 0 {
                            let _ = tasks.snapshot();
                        }
                    }
                }
            })
        })
        .collect();
    tokio::task::block_in_place(|| {
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap())
    });

    tasks.join_all(Duration::from_secs(20)).await.unwrap();

    let [spawned, live, ..] = counts(&tasks);
    assert_eq!((spawned, live), (4000, 0));
}

#[test]
#[should_panic(expected = "no reactor running")]
fn spawn_outside_a_runtime_panics_as_tokio_does() {
    registry().spawn("lost", LOOP, async { Ok(()) });
}

#[test]
fn spawn_outside_a_runtime_counts_nothing() {
    let tasks = registry();
    let lost = tasks.clone();

    let panicked = std::thread::spawn(move || lost.spawn("lost", LOOP, async { Ok(()) })).join();

    assert!(panicked.is_err());
    assert_eq!(counts(&tasks), [0; 7]);
    assert!(tasks.is_empty() && tasks.recent_outcomes().is_empty());
}

#[test]
fn runtime_that_ends_takes_its_tasks_out_of_the_registry() {
    let tasks = registry();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        tasks.spawn("orphan", LOOP, std::future::pending());
    });

    drop(runtime);

    assert_eq!(counts(&tasks), [1, 0, 0, 0, 0, 1, 0]);
}
