//! Listing under load, and what many tasks leave behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dig_service::{ShutdownToken, TaskKind, TaskRegistry};

use crate::rounds::Scale;

/// The 99.9th percentile of a spawn's microseconds while 100 000 tasks are listed again and again:
/// of its own registry, or of another, which takes the same time from the cores.
pub(crate) fn measure_snapshot(system: &str, scale: Scale) -> f64 {
    let runtime = crate::spawn::runtime();
    let _entered = runtime.enter();
    let filled = || {
        let tasks = TaskRegistry::new(ShutdownToken::new());
        for _ in 0..scale.of(100_000) {
            tasks.spawn("idle", TaskKind::BackgroundLoop, std::future::pending());
        }
        tasks
    };
    let (tasks, other) = (filled(), filled());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let listed = if system == "listed" { &tasks } else { &other };
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                std::hint::black_box(listed.snapshot());
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let mut micros: Vec<f64> = (0..scale.of(200_000))
            .map(|_| {
                let began = Instant::now();
                tasks.spawn("brief", TaskKind::Maintenance, async { Ok(()) });
                began.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        is_over.store(true, Ordering::Relaxed);
        micros.sort_by(f64::total_cmp);
        micros[micros.len() - 1 - micros.len() / 1000]
    })
}

/// Microseconds of a listing, for each 256 tasks: so long a spawn waits for it at most.
pub(crate) fn measure_portion(_: &str, scale: Scale) -> f64 {
    let runtime = crate::spawn::runtime();
    let _entered = runtime.enter();
    let tasks = TaskRegistry::new(ShutdownToken::new());
    for _ in 0..scale.of(100_000) {
        tasks.spawn("idle", TaskKind::BackgroundLoop, std::future::pending());
    }
    let listing = |_| {
        let began = Instant::now();
        let listed = std::hint::black_box(tasks.snapshot()).len();
        began.elapsed().as_secs_f64() * 1e6 / listed.div_ceil(256) as f64
    };
    (0..20).map(listing).fold(0.0, f64::max)
}

/// KiB of resident memory after ten million tasks, less those after a tenth of a million.
pub(crate) fn measure_growth(_: &str, scale: Scale) -> f64 {
    crate::spawn::runtime().block_on(async {
        let tasks = TaskRegistry::new(ShutdownToken::new());
        burst(&tasks, scale.of(100_000)).await;
        let before = resident();
        burst(&tasks, scale.of(10_000_000)).await;
        resident() - before
    })
}

async fn burst(tasks: &TaskRegistry, count: usize) {
    for _ in 0..count.div_ceil(1000) {
        for _ in 0..1000 {
            tasks.spawn("unit", TaskKind::Maintenance, async { Ok(()) });
        }
        while !tasks.is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

/// Resident KiB of this process; 0 where there is no `/proc`.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0.0)
}
