//! How a fault is carried out.

use std::sync::mpsc;
use std::time::Duration;

use crate::shutdown::ShutdownToken;
use crate::tasks::{TaskContext, TaskKind, TaskRegistry};
use crate::testing::{Fault, FaultPlan, Place, Transcript};

/// One step of work that ignores the token.
const STEP: Duration = Duration::from_millis(10);

/// Does what is wrong with a place; returns if its own work is to follow.
pub(super) async fn act(
    plan: &FaultPlan,
    place: Place,
    shutdown: &ShutdownToken,
    spawn: impl FnOnce(),
) -> anyhow::Result<()> {
    match plan.at(place) {
        None => Ok(()),
        Some(Fault::Error) => Err(told(place)),
        Some(Fault::Panic) => panic!("`{place}` was told to panic"),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Block) => block(),
        Some(Fault::IgnoreToken) => loop {
            tokio::time::sleep(STEP).await;
        },
        Some(Fault::SlowDrop) => {
            let _slow = SlowDrop(plan.slow());
            std::future::pending().await
        }
        Some(Fault::SpawnLate) => {
            shutdown.cancelled().await;
            spawn();
            Ok(())
        }
    }
}

/// The same on a thread of the blocking pool, where nothing can be dropped.
pub(super) fn act_blocking(
    plan: &FaultPlan,
    context: &TaskContext,
    transcript: &Transcript,
) -> anyhow::Result<()> {
    let place = Place::BlockingTask;
    match plan.at(place) {
        None => Ok(()),
        Some(Fault::Error) => Err(told(place)),
        Some(Fault::Panic) => panic!("`{place}` was told to panic"),
        Some(Fault::Hang | Fault::Block | Fault::SlowDrop) => block(),
        Some(Fault::IgnoreToken) => loop {
            pause(STEP);
        },
        Some(Fault::SpawnLate) => {
            tokio::runtime::Handle::current().block_on(context.shutdown.cancelled());
            spawn_late(&context.tasks, place, transcript);
            Ok(())
        }
    }
}

/// Spawns a task and tells whether it was taken in.
pub(super) fn spawn_late(tasks: &TaskRegistry, place: Place, transcript: &Transcript) {
    let spawned = tasks.try_spawn("late", TaskKind::Maintenance, async { Ok(()) });
    let end = if spawned.is_ok() {
        "accepted"
    } else {
        "refused"
    };
    transcript.record(format!("{place} spawn {end}"));
}

fn told(place: Place) -> anyhow::Error {
    anyhow::anyhow!("`{place}` was told to fail")
}

fn block() -> ! {
    loop {
        std::thread::park();
    }
}

/// Sleeps on the thread.
fn pause(time: Duration) {
    let (_keeps_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

/// A value whose destructor takes its time.
struct SlowDrop(Duration);

impl Drop for SlowDrop {
    fn drop(&mut self) {
        pause(self.0);
    }
}
