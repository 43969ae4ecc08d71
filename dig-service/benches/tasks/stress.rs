//! Threads that spawn, abort, list and close at random: the counters balance, nothing is left.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dig_service::{ShutdownToken, TaskKind, TaskOptions, TaskRegistry};

use crate::rounds::Scale;

const THREADS: u64 = 8;

/// Tasks that were spawned and are missing from the sum of ends, over all registries.
pub(crate) fn measure(_: &str, scale: Scale) -> f64 {
    let until = Instant::now() + Duration::from_millis(scale.of(60_000) as u64);
    let runtime = crate::spawn::runtime();
    let mut missing = 0;
    let mut lives = 0;
    while Instant::now() < until {
        lives += 1;
        missing += life(&runtime, lives);
    }
    assert!(lives > 1, "some registries are closed while threads spawn");
    missing as f64
}

/// One registry, from its first task to its close under load.
fn life(runtime: &tokio::runtime::Runtime, seed: u64) -> u64 {
    let _entered = runtime.enter();
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let running = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (tasks, running) = (&tasks, &running);
            scope.spawn(move || {
                let _entered = runtime.enter();
                disturb(tasks, running, Random(seed * THREADS + thread + 1));
            });
        }
    });
    runtime
        .block_on(tasks.join_all(Duration::from_secs(10)))
        .expect("all was aborted or has ended");
    let counts = tasks.counts();
    assert!(
        tasks.is_empty() && tasks.snapshot().is_empty(),
        "{counts:?}"
    );
    assert_eq!(counts.live, 0);
    let ended = counts.completed + counts.failed + counts.panicked + counts.aborted;
    assert_eq!(
        counts.spawned,
        running.load(Ordering::SeqCst),
        "a task was detached"
    );
    counts.spawned.abs_diff(ended)
}

/// Does what comes up until the registry refuses.
fn disturb(tasks: &TaskRegistry, taken: &AtomicU64, mut random: Random) {
    let scope = tasks.scope("part");
    loop {
        let within = if random.below(3) == 0 { &scope } else { tasks };
        let options = TaskOptions::new(TaskKind::Maintenance);
        let spawned = match random.below(5) {
            0 => within.detach("brief", options, async { Ok(()) }),
            1 => within.detach("fails", options, async { anyhow::bail!("as it should") }),
            2 => within.detach("yields", options, async {
                tokio::task::yield_now().await;
                Ok(())
            }),
            3 => within.detach("waits", options.time_polls(), std::future::pending()),
            _ => within
                .try_spawn("aborted", options, std::future::pending())
                .map(|task| task.abort()),
        };
        if spawned.is_err() {
            return;
        }
        taken.fetch_add(1, Ordering::SeqCst);
        match random.below(2000) {
            0 => drop(std::hint::black_box(tasks.snapshot())),
            1 | 2 => tasks.abort_all(),
            3 => scope.abort_all(),
            4 => drop(std::hint::black_box(tasks.recent_outcomes())),
            5 => close(tasks),
            _ => {}
        }
    }
}

/// Closes the registry without waiting for its tasks.
fn close(tasks: &TaskRegistry) {
    let mut join = std::pin::pin!(tasks.join_all(Duration::from_secs(10)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = join.as_mut().poll(&mut context);
    tasks.abort_all();
}

/// A small generator, as the order matters more than the quality.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
