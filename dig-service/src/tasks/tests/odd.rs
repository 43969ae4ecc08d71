//! Odd code in tasks: what a registry must survive.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::task::{Context, Wake, Waker};

use super::*;

/// Runs `f` on a thread of its own; `false` if it has not returned after five seconds.
fn returns(f: impl FnOnce() + Send + 'static) -> bool {
    let (done, is_done) = channel();
    std::thread::spawn(move || {
        f();
        let _ = done.send(());
    });
    is_done.recv_timeout(Duration::from_secs(5)).is_ok()
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future);
}

#[derive(Debug)]
struct ListsWhenDropped(TaskRegistry);

impl fmt::Display for ListsWhenDropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection lost")
    }
}

impl std::error::Error for ListsWhenDropped {}

impl Drop for ListsWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.snapshot();
    }
}

/// The ring drops its oldest outcome, and with it the user's error, under the table's lock.
#[test]
fn forgotten_error_is_dropped_outside_the_lock() {
    let is_over = returns(|| {
        block_on(async {
            let tasks = registry();
            let error = ListsWhenDropped(tasks.clone());
            tasks.spawn("peer", LOOP, async move { Err(error.into()) });
            for _ in 0..128 {
                tasks.spawn("ok", LOOP, async { Ok(()) });
            }
            tasks.idle_by(None).await;
        });
    });

    assert!(
        is_over,
        "deadlock: the error's destructor ran under the lock"
    );
}

struct ListsWhenWoken(TaskRegistry);

impl Wake for ListsWhenWoken {
    fn wake(self: Arc<Self>) {
        let _ = self.0.snapshot();
    }
}

/// Wakers of `join_all` run under the table's lock.
#[test]
fn waker_of_a_join_runs_outside_the_lock() {
    let is_over = returns(|| {
        let tasks = registry();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _entered = runtime.enter();
        let gate = Arc::new(Notify::new());
        let opened = Arc::clone(&gate);
        tasks.spawn("gated", LOOP, async move {
            opened.notified().await;
            Ok(())
        });
        let waker = Waker::from(Arc::new(ListsWhenWoken(tasks.clone())));
        let joining = tasks.clone();
        let mut join = pin!(joining.join_all(Duration::from_secs(60)));
        assert!(
            join.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        gate.notify_one();
        runtime.block_on(async {
            while !tasks.is_empty() {
                tokio::task::yield_now().await;
            }
        });
    });

    assert!(is_over, "deadlock: the waker ran under the lock");
}

#[derive(Debug)]
struct PanicsWhenShown;

impl fmt::Display for PanicsWhenShown {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("cannot be shown")
    }
}

impl std::error::Error for PanicsWhenShown {}

/// INV-T1. A panic while the end is told (the error's `Display`, a tracing layer) leaves the
/// task in the table for ever, and the end of a critical one unseen.
#[tokio::test(start_paused = true)]
async fn task_leaves_even_if_its_error_cannot_be_shown() {
    let tasks = registry();
    let options = TaskOptions::new(LOOP).critical();
    tasks
        .try_spawn("odd", options, async { Err(PanicsWhenShown.into()) })
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;

    assert_eq!(counts(&tasks)[1], 0, "still listed: {:?}", tasks.snapshot());
    assert!(tasks.shutdown().is_cancelled(), "its end was not fatal");
}

/// I18. A critical task that obeys the stop is not what stopped the service.
#[tokio::test]
async fn critical_task_that_ends_because_of_the_token_is_not_fatal() {
    let tasks = registry();
    let options = TaskOptions::new(LOOP).critical();
    tasks.spawn_with("voter", options, |cx| async move {
        cx.shutdown.cancelled().await;
        Ok(())
    });
    tokio::task::yield_now().await;

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.idle_by(None).await;

    assert_eq!(
        tasks.shutdown().gravest_reason(),
        Some(ShutdownReason::UserRequested)
    );
}

/// Counts how often its one span is entered.
struct Entered(Arc<AtomicUsize>);

impl tracing::Subscriber for Entered {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn exit(&self, _: &tracing::span::Id) {}
}

/// Service-api: "Hooks and tasks run inside a span `service{name}`"; blocking ones do not.
#[tokio::test]
async fn blocking_task_runs_inside_the_services_span() {
    let count = Arc::new(AtomicUsize::new(0));
    let tasks = registry();
    let span = tracing::subscriber::with_default(Entered(Arc::clone(&count)), || {
        tracing::info_span!("service")
    });
    tasks.set_span(span);
    let seen = Arc::new(Mutex::new(0));
    let (inside, counted) = (Arc::clone(&seen), Arc::clone(&count));
    tasks
        .spawn_blocking("scan", LOOP, move |_| {
            *inside.lock().unwrap() = counted.load(Ordering::SeqCst);
            Ok(())
        })
        .unwrap();

    tasks.idle_by(None).await;

    assert_eq!(*seen.lock().unwrap(), 1);
}

/// A task that is merely dropped, while some other panic unwinds the thread, is taken for one
/// whose destructor panicked.
#[test]
fn task_dropped_while_another_panic_unwinds_is_aborted() {
    let tasks = registry();
    let inside = tasks.clone();

    let _ = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        {
            let _entered = runtime.enter();
            inside.spawn("bystander", LOOP, std::future::pending());
        }
        let _dropped_while_unwinding = runtime;
        panic!("elsewhere");
    })
    .join();

    assert_eq!(counts(&tasks), [1, 0, 0, 0, 0, 1, 0]);
}
