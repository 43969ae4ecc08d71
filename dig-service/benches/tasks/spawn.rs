//! A task's whole life, again and again.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use dig_service::{ShutdownToken, TaskKind, TaskRegistry};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

use crate::rounds::Scale;

const WAVE: usize = 1000;

/// Waves of tasks from outside the runtime's workers, as from `main`.
pub(crate) fn measure(system: &str, scale: Scale) -> f64 {
    runtime().block_on(waves(system, scale))
}

/// Waves of tasks from a task, as most are spawned.
pub(crate) fn measure_inside(system: &str, scale: Scale) -> f64 {
    let system = system.to_owned();
    let inside = async move { waves(&system, scale).await };
    let runtime = runtime();
    let task = runtime.spawn(inside);
    runtime.block_on(task).expect("the waves do not panic")
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all();
    builder.build().expect("a runtime can be built")
}

/// Tells when the last task of a wave has run.
struct Wave {
    left: AtomicUsize,
    over: Notify,
}

impl Wave {
    fn done(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.over.notify_one();
        }
    }
}

/// Nanoseconds per task.
async fn waves(system: &str, scale: Scale) -> f64 {
    let wave: &'static Wave = Box::leak(Box::new(Wave {
        left: AtomicUsize::new(0),
        over: Notify::new(),
    }));
    let unit = move || async move { wave.done() };
    let tracked = move || async move {
        wave.done();
        Ok(())
    };
    let registry = TaskRegistry::new(ShutdownToken::new());
    let tracker = TaskTracker::new();
    match system {
        "raw" => each(wave, scale, || drop(tokio::spawn(unit()))).await,
        "raw+handle" => each(wave, scale, || drop(tokio::spawn(unit()).abort_handle())).await,
        "tracker" => each(wave, scale, || drop(tracker.spawn(unit()))).await,
        "joinset" => join_set(wave, scale, unit).await,
        "spawn" => {
            each(wave, scale, || {
                drop(registry.spawn("unit", TaskKind::Maintenance, tracked()))
            })
            .await
        }
        "detach" => {
            let unit = || registry.detach("unit", TaskKind::Maintenance, tracked());
            each(wave, scale, || unit().expect("the registry is open")).await
        }
        "measured" => {
            registry.time_polls();
            each(wave, scale, || {
                drop(registry.spawn("unit", TaskKind::Maintenance, tracked()))
            })
            .await
        }
        other => panic!("no system `{other}`"),
    }
}

async fn each(wave: &'static Wave, scale: Scale, mut spawn: impl FnMut()) -> f64 {
    let count = scale.of(2000);
    let mut began = Instant::now();
    for round in 0..count + count / 10 {
        if round == count / 10 {
            began = Instant::now();
        }
        wave.left.store(WAVE, Ordering::Release);
        for _ in 0..WAVE {
            spawn();
        }
        wave.over.notified().await;
    }
    per_task(began, count)
}

async fn join_set<F>(wave: &'static Wave, scale: Scale, unit: impl Fn() -> F) -> f64
where
    F: Future<Output = ()> + Send + 'static,
{
    let count = scale.of(2000);
    let mut set = JoinSet::new();
    let began = Instant::now();
    for _ in 0..count {
        wave.left.store(WAVE, Ordering::Release);
        for _ in 0..WAVE {
            set.spawn(unit());
        }
        while set.join_next().await.is_some() {}
        wave.over.notified().await;
    }
    per_task(began, count)
}

#[expect(clippy::cast_precision_loss, reason = "figures of few digits")]
fn per_task(began: Instant, waves: usize) -> f64 {
    began.elapsed().as_nanos() as f64 / (waves * WAVE) as f64
}
