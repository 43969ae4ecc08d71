//! What a restart costs, and children by the thousand.
//!
//! `cargo bench -p dig-service --bench supervisor` prints the lines of `docs/performance.md`; with
//! `-- --check` it fails if a budget is missed, with `-- --counted` if one is that no clock decides.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures real time and shows it; what fails here is a bug of its own"
)]

use std::alloc::System;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use dig_service::supervisor::{
    Audit, Backoff, ChildPhase, ChildSpec, Intensity, Supervisor, SupervisorHandle,
};
use dig_service::{ShutdownToken, TaskRegistry};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RESTARTS: usize = 20_000;
const CHILDREN: usize = 10_000;

/// A workload that panics or fails at once, and notes when it did and when it began again.
#[derive(Clone, Copy)]
enum Fails {
    ByError,
    ByPanic,
}

fn runtime(workers: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let builder = builder.worker_threads(workers).enable_all();
    builder.build().expect("a runtime")
}

fn audit() -> Audit {
    Audit::new("bench", "measuring").expect("neither is blank")
}

fn tree(supervisor: Supervisor) -> (TaskRegistry, SupervisorHandle) {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let handle = supervisor.start(&tasks).expect("the tree is in order");
    (tasks, handle)
}

fn median(mut times: Vec<u64>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2] as f64 / 1000.0
}

/// From the moment an attempt fails to the first line of the next, in nanoseconds each.
struct Gaps {
    began: Instant,
    failed: u64,
    gaps: Vec<u64>,
}

impl Gaps {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            failed: 0,
            gaps: Vec::with_capacity(RESTARTS),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// An attempt begins, and fails; `false` at the last.
    fn attempt(&mut self) -> bool {
        if self.failed > 0 {
            self.gaps.push(self.now() - self.failed);
        }
        self.failed = self.now();
        self.gaps.len() < RESTARTS
    }
}

fn fail(how: Fails) -> anyhow::Result<()> {
    match how {
        Fails::ByError => Err(anyhow::anyhow!("again")),
        Fails::ByPanic => std::panic::resume_unwind(Box::new("again")),
    }
}

type Shared = Mutex<(Gaps, Option<oneshot::Sender<Vec<u64>>>)>;

/// Notes an attempt; after the last, sends what was noted, and gives `false`.
fn note(shared: &Shared) -> bool {
    let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if state.0.attempt() {
        return true;
    }
    let gaps = std::mem::take(&mut state.0.gaps);
    if let Some(done) = state.1.take() {
        let _ = done.send(gaps);
    }
    false
}

/// A supervised child that fails at once, without a delay.
fn supervised(how: Fails) -> f64 {
    let runtime = runtime(2);
    let (done, is_done) = oneshot::channel();
    let shared = Arc::new(Mutex::new((Gaps::new(), Some(done))));
    runtime.block_on(async {
        let spec = ChildSpec::factory("failing", move |_| {
            let shared = Arc::clone(&shared);
            async move {
                if note(&shared) {
                    return fail(how);
                }
                std::future::pending().await
            }
        });
        let spec = spec
            .backoff(Backoff::none())
            .intensity(Intensity::unlimited());
        let (_tasks, handle) = tree(Supervisor::new().child(spec));
        let gaps = is_done.await.expect("all restarts happen");
        let _ = handle.shutdown_tree(Duration::from_secs(1), audit()).await;
        median(gaps)
    })
}

/// The same as a loop in one task, which catches what is thrown.
fn in_one_task(how: Fails) -> f64 {
    let runtime = runtime(2);
    runtime.block_on(async {
        let looping = tokio::spawn(async move {
            let mut gaps = Gaps::new();
            while gaps.attempt() {
                let mut attempt = Box::pin(async move { fail(how) });
                let caught = poll_fn(|cx| {
                    let poll = AssertUnwindSafe(|| attempt.as_mut().poll(cx));
                    catch_unwind(poll).unwrap_or_else(|_| Poll::Ready(Ok(())))
                });
                let _ = caught.await;
                tokio::task::yield_now().await;
            }
            median(gaps.gaps)
        });
        looping.await.expect("nothing is left to throw")
    })
}

fn idle(place: usize) -> ChildSpec {
    ChildSpec::factory(format!("child-{place}"), |cx| async move {
        cx.shutdown.cancelled().await;
        Ok(())
    })
}

struct Many {
    start: Duration,
    bytes: usize,
    tasks: f64,
    state: Duration,
    command: Duration,
    shutdown: Duration,
}

/// Children that wait: how long it takes to start them, what they take up, and what steering costs.
async fn many(count: usize) -> Many {
    let region = Region::new(ALLOCATOR);
    let began = Instant::now();
    let mut supervisor = Supervisor::new();
    for place in 0..count {
        supervisor = supervisor.child(idle(place));
    }
    let (tasks, handle) = tree(supervisor);
    let last = format!("/child-{}", count - 1);
    let _ = handle.wait_for(&last, ChildPhase::Running).await;
    let start = began.elapsed();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let change = region.change();
    let bytes = change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated);
    let live = tasks.len() - 1;

    let began = Instant::now();
    let state = handle.state().expect("it runs");
    assert_eq!(state.children.len(), count);
    let took = began.elapsed();
    drop(state);

    let mut commands = Vec::new();
    for place in 0..200 {
        let child = format!("/child-{}", place * (count / 200));
        let began = Instant::now();
        let _ = handle.resume(&child, audit()).await;
        commands.push(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    let command = median(commands);

    let began = Instant::now();
    let report = handle.shutdown_tree(Duration::from_secs(30), audit()).await;
    let shutdown = began.elapsed();
    assert!(report.is_ok_and(|report| report.is_graceful()));
    Many {
        start,
        bytes: bytes / count,
        tasks: live as f64 / count as f64,
        state: took,
        command: Duration::from_nanos((command * 1000.0) as u64),
        shutdown,
    }
}

/// Bytes that are held after so many restarts of one child.
fn held_after(restarts: u32) -> isize {
    let runtime = runtime(2);
    runtime.block_on(async {
        let region = Region::new(ALLOCATOR);
        let starts = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&starts);
        let spec = ChildSpec::factory("failing", move |_| {
            let start = counter.fetch_add(1, Ordering::SeqCst);
            async move {
                anyhow::ensure!(start >= restarts, "again");
                std::future::pending().await
            }
        });
        let spec = spec
            .backoff(Backoff::none())
            .intensity(Intensity::unlimited());
        let (_tasks, handle) = tree(Supervisor::new().child(spec));
        while starts.load(Ordering::SeqCst) <= restarts {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let change = region.change();
        let _ = handle.state();
        change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed()
    })
}

/// Whether errors would carry backtraces, which cost more than all the rest.
fn has_backtraces() -> bool {
    std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0")
}

/// Runs the program again without them.
fn without_backtraces() -> ExitCode {
    let program = std::env::current_exe().expect("this program is a file");
    let mut again = std::process::Command::new(program);
    let again = again.args(std::env::args_os().skip(1));
    let status = again.env("RUST_BACKTRACE", "0").status();
    match status.is_ok_and(|status| status.success()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn main() -> ExitCode {
    if has_backtraces() {
        return without_backtraces();
    }
    let given = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let mut missed = Vec::new();
    let mut judge = |what: &str, is_kept: bool| {
        if !is_kept {
            missed.push(what.to_owned());
        }
    };
    for (name, how) in [("error", Fails::ByError), ("panic", Fails::ByPanic)] {
        let (ours, raw) = (supervised(how), in_one_task(how));
        println!(
            "restart after {name:<6} median {ours:>6.2} µs   loop in one task {raw:>5.2} µs   budget 6 µs"
        );
        judge("restart", ours <= 6.0 || given("--counted"));
    }
    for count in [1_000, CHILDREN] {
        let many = runtime(2).block_on(many(count));
        println!(
            "{count:>6} children: start {:>7.2?}  {} bytes and {:.2} tasks each  state {:>7.2?}  \
             command {:>5.1?}  shutdown {:>7.2?}",
            many.start, many.bytes, many.tasks, many.state, many.command, many.shutdown
        );
        judge("bytes per child", many.bytes <= 2048);
        judge("tasks per child", many.tasks <= 1.0);
    }
    let (few, all) = (held_after(1_000), held_after(100_000));
    println!("held after 1 000 restarts {few} bytes, after 100 000 {all} bytes");
    judge("memory after restarts", all - few < 64 * 1024);
    if missed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("missed: {}", missed.join(", "));
    match given("--check") || given("--counted") {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
