//! Long work.

use super::*;
use crate::decl::RestartPolicy;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::tasks::{TaskContext, TaskRegistry};

type Work = fn(TaskContext, usize) -> TaskFuture;

/// Has work that is given by a function; counts how often it was started.
struct Worker<const N: usize> {
    name: &'static str,
    work: Work,
    policy: RestartPolicy,
    priority: Option<u8>,
    starts: AtomicUsize,
}

impl<const N: usize> Worker<N> {
    fn new(name: &'static str, work: Work) -> Self {
        let starts = AtomicUsize::new(0);
        Self {
            name,
            work,
            policy: RestartPolicy::Never,
            priority: None,
            starts,
        }
    }
}

impl<const N: usize> Provider for Worker<N> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run_priority(&self) -> Option<u8> {
        self.priority
    }

    fn as_runnable(&self) -> Option<&dyn Runnable> {
        Some(self)
    }
}

impl<const N: usize> Runnable for Worker<N> {
    fn run(&self, (): ()) -> TaskFuture {
        unreachable!("`run_with` is called")
    }

    fn run_with(&self, (): (), task: TaskContext) -> TaskFuture {
        let start = self.starts.fetch_add(1, Ordering::SeqCst);
        (self.work)(task, start)
    }

    fn restart_policy(&self) -> RestartPolicy {
        self.policy
    }
}

/// Runs one worker until its work is over; gives how often it was started, and why it stopped.
async fn lives(work: Work, policy: RestartPolicy) -> (usize, Option<ShutdownReason>) {
    let worker = Arc::new(Worker::<1> {
        policy,
        ..Worker::new("sync", work)
    });
    let registry = Registry::new();
    registry.insert(Arc::clone(&worker));
    let tasks = TaskRegistry::new(ShutdownToken::new());

    assert_eq!(registry.run_all((), &tasks), 1);
    tasks.idle_by(None).await;

    (
        worker.starts.load(Ordering::SeqCst),
        tasks.shutdown().reason(),
    )
}

fn fails(_: TaskContext, start: usize) -> TaskFuture {
    Box::pin(async move { Err(Error::msg(format!("peer {start} gone"))) })
}

fn completes(_: TaskContext, _: usize) -> TaskFuture {
    Box::pin(async { Ok(()) })
}

fn panics(_: TaskContext, _: usize) -> TaskFuture {
    panic!("before the future is made")
}

fn is_optional(_: TaskContext, _: usize) -> TaskFuture {
    Box::pin(async { Err(Error::recoverable("no upnp here")) })
}

fn fails_once(_: TaskContext, start: usize) -> TaskFuture {
    if start == 0 {
        Box::pin(async { Err(Error::msg("once")) })
    } else {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn work_that_fails_is_fatal_with_the_providers_name() {
    let (starts, reason) = lives(fails, RestartPolicy::Never).await;
    assert_eq!(starts, 1);
    let Some(ShutdownReason::Fatal(what)) = reason else {
        panic!("{reason:?}")
    };
    assert_eq!(
        what,
        "critical task `sync`: provider `sync` did not run: peer 0 gone"
    );

    let (_, reason) = lives(panics, RestartPolicy::Never).await;
    let Some(ShutdownReason::Fatal(what)) = reason else {
        panic!("{reason:?}")
    };
    assert!(what.contains("before the future is made"), "{what}");
}

#[tokio::test(start_paused = true)]
async fn work_that_is_done_or_can_be_done_without_is_not_fatal() {
    assert_eq!(lives(completes, RestartPolicy::Never).await, (1, None));
    assert_eq!(lives(is_optional, RestartPolicy::Always).await, (1, None));
}

#[tokio::test(start_paused = true)]
async fn policy_starts_work_again_and_five_times_a_minute_at_most() {
    assert_eq!(lives(fails_once, RestartPolicy::OnFailure).await, (2, None));
    let began = tokio::time::Instant::now();
    let (starts, reason) = lives(fails, RestartPolicy::OnFailure).await;
    assert_eq!(starts, 6);
    assert!(matches!(reason, Some(ShutdownReason::Fatal(_))));
    // 100 + 200 + 400 + 800 + 1600 ms, and a fifth more or less.
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(2480) && took <= Duration::from_millis(3725),
        "{took:?}"
    );
    let (starts, reason) = lives(completes, RestartPolicy::Always).await;
    assert_eq!((starts, reason), (6, None));
}

#[tokio::test(start_paused = true)]
async fn work_is_started_by_priority_and_told_to_stop() {
    fn waits(task: TaskContext, _: usize) -> TaskFuture {
        Box::pin(async move {
            task.shutdown.cancelled().await;
            Ok(())
        })
    }
    let registry = Registry::new();
    let late = Worker::<1> {
        priority: Some(priority::LATE),
        ..Worker::new("late", waits)
    };
    registry
        .insert(Arc::new(late))
        .insert(Arc::new(Worker::<2>::new("normal", waits)));
    let tasks = TaskRegistry::new(ShutdownToken::new());

    assert_eq!(registry.run_all((), &tasks), 2);

    let mut listed = tasks.snapshot();
    listed.sort_by_key(|task| task.id);
    let names: Vec<_> = listed.iter().map(|task| task.name).collect();
    assert_eq!(names, ["normal", "late"]);
    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(1)).await.unwrap();
}

/// Has only `run`, which knows of no token.
struct Deaf;

impl Provider for Deaf {
    fn as_runnable(&self) -> Option<&dyn Runnable> {
        Some(self)
    }
}

impl Runnable for Deaf {
    fn run(&self, (): ()) -> TaskFuture {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn work_without_a_token_ends_without_grace() {
    let registry = Registry::new();
    registry.insert(Arc::new(Deaf));
    let tasks = TaskRegistry::new(ShutdownToken::new());
    registry.run_all((), &tasks);
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(8)).await.unwrap();

    assert_eq!(began.elapsed(), Duration::ZERO);
}

fn runs_for_two_minutes(_: TaskContext, start: usize) -> TaskFuture {
    Box::pin(async move {
        tokio::time::sleep(Duration::from_secs(120)).await;
        if start < 12 {
            Err(Error::msg("lost"))
        } else {
            Ok(())
        }
    })
}

#[tokio::test(start_paused = true)]
async fn work_that_ran_for_long_begins_anew() {
    let began = tokio::time::Instant::now();

    let (starts, reason) = lives(runs_for_two_minutes, RestartPolicy::OnFailure).await;

    assert_eq!((starts, reason), (13, None));
    // Each delay is that of a first restart: 120 ms at most.
    let waited = began.elapsed() - 13 * Duration::from_secs(120);
    assert!(waited <= 12 * Duration::from_millis(130), "{waited:?}");
}

/// One that fails for good ends its siblings too.
#[tokio::test(start_paused = true)]
async fn siblings_of_work_that_fails_are_told_to_end() {
    fn waits(task: TaskContext, _: usize) -> TaskFuture {
        Box::pin(async move {
            task.shutdown.cancelled().await;
            Ok(())
        })
    }
    let registry = Registry::new();
    registry
        .insert(Arc::new(Worker::<1>::new("waits", waits)))
        .insert(Arc::new(Worker::<2>::new("fails", fails)));
    let tasks = TaskRegistry::new(ShutdownToken::new());
    registry.run_all((), &tasks);

    tasks.idle_by(None).await;

    assert_eq!(tasks.counts().completed, 1);
    assert!(matches!(
        tasks.shutdown().reason(),
        Some(ShutdownReason::Fatal(_))
    ));
}

/// Nothing is left out in silence: who panics when asked for its work has failed.
#[tokio::test(start_paused = true)]
async fn provider_that_panics_when_asked_for_its_work_is_fatal() {
    struct Bomb;
    impl Provider for Bomb {
        fn name(&self) -> &'static str {
            "bomb"
        }

        fn as_runnable(&self) -> Option<&dyn Runnable> {
            panic!("boom")
        }
    }
    let registry = Registry::new();
    registry.insert(Arc::new(Bomb));
    let tasks = TaskRegistry::new(ShutdownToken::new());

    assert_eq!(registry.run_all((), &tasks), 1);
    tasks.shutdown().cancelled().await;

    let reason = tasks.shutdown().reason().map(|reason| reason.to_string());
    assert!(reason.is_some_and(|reason| reason.contains("bomb") && reason.contains("boom")));
}
