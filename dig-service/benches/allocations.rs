//! What tasks allocate: while they live, and after they have ended.
//!
//! `cargo bench -p dig-service --bench allocations` prints the table of `docs/performance.md`; with
//! `-- --check` it fails if a budget is missed. In a program of its own, as counting takes time.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that compares itself with untracked tasks and shows figures"
)]

use std::alloc::System;
use std::future::pending;
use std::process::ExitCode;

use dig_service::{ShutdownToken, TaskKind, TaskRegistry};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::Builder;
use tokio_util::task::TaskTracker;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const LIVE: usize = 100_000;
const ENDED: usize = 1_000_000;

/// Bytes and allocations that are there, per so many tasks.
#[derive(Clone, Copy)]
struct Held {
    bytes: f64,
    allocations: f64,
}

impl Held {
    fn since(region: &Region<'_, System>, tasks: usize) -> Self {
        let change = region.change();
        let bytes = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
        // A block that grows is counted by its growth only.
        let allocations = change.allocations as f64 - change.deallocations as f64;
        Self {
            bytes: bytes / tasks as f64,
            allocations: allocations / tasks as f64,
        }
    }
}

/// What a task that waits holds, its place in the runtime's lists included.
async fn idle(spawn: impl Fn()) -> Held {
    let region = Region::new(COUNTED);
    for _ in 0..LIVE {
        spawn();
    }
    for _ in 0..LIVE {
        tokio::task::yield_now().await;
    }
    Held::since(&region, LIVE)
}

/// What is still held of tasks that have ended.
async fn ended(spawn: impl Fn()) -> Held {
    wave(&spawn).await;
    let region = Region::new(COUNTED);
    for _ in 0..ENDED / 1000 {
        wave(&spawn).await;
    }
    Held::since(&region, ENDED)
}

async fn wave(spawn: &impl Fn()) {
    for _ in 0..1000 {
        spawn();
    }
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

fn measure(name: &str, live: impl Fn(), brief: impl Fn()) -> (Held, Held) {
    let Ok(runtime) = Builder::new_current_thread().build() else {
        panic!("no runtime");
    };
    let _entered = runtime.enter();
    let idle = runtime.block_on(idle(live));
    let ended = runtime.block_on(ended(brief));
    println!(
        "  {name:<8} {:>8.1} B {:>6.3} allocations {:>10.4} B",
        idle.bytes, idle.allocations, ended.bytes
    );
    (idle, ended)
}

fn main() -> ExitCode {
    println!("\na live idle task, and what is kept of one that has ended");
    measure(
        "raw",
        || drop(tokio::spawn(pending::<()>())),
        || drop(tokio::spawn(async {})),
    );
    let tracker = TaskTracker::new();
    measure(
        "tracker",
        || drop(tracker.spawn(pending::<()>())),
        || drop(tracker.spawn(async {})),
    );
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let kind = TaskKind::BackgroundLoop;
    let (idle, ended) = measure(
        "ours",
        || drop(tasks.spawn("idle", kind, pending())),
        || drop(tasks.spawn("brief", kind, async { Ok(()) })),
    );

    let is_met = idle.bytes <= 400.0 && idle.allocations <= 2.0 && ended.bytes < 1.0;
    println!(
        "  budgets: 400 B, 2 allocations, 0 B: {}",
        if is_met { "met" } else { "MISSED" }
    );
    if !is_met && std::env::args().any(|arg| arg == "--check") {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
