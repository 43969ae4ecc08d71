//! The table's interleavings, every one of them, by loom.
//!
//! `RUSTFLAGS="--cfg dig_loom" cargo test -p dig-service --lib models`

use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use loom::thread;

use crate::shutdown::ShutdownToken;
use crate::tasks::core::{Admission, Admitted, Core};
use crate::tasks::record::Force;
use crate::tasks::{Gate, Refused, TaskKind, TaskOptions};

fn core(shards: usize) -> Arc<Core> {
    Arc::new(Core::with_shards(0, ShutdownToken::new(), None, shards))
}

fn admit(core: &Core, shard: usize) -> Result<Admitted, Refused> {
    let admission = Admission {
        name: "unit",
        options: TaskOptions::new(TaskKind::Maintenance),
        scope: &core.root,
        spawned_from: Location::caller(),
        is_blocking: false,
        protection: None,
    };
    core.admit_into(shard, admission)
}

/// Ends a task from another thread than the one that spawned it.
fn complete_elsewhere(core: &Core, task: Admitted) {
    core.complete(task.key, true);
}

/// INV-T3: once the gate was narrowed, what is in the table is all there will be.
#[test]
fn inv_t3_close_takes_a_spawn_in_or_refuses_it() {
    loom::model(|| {
        let core = core(1);
        core.watch(&core.root);
        let spawner = {
            let core = Arc::clone(&core);
            thread::spawn(move || admit(&core, 0).is_ok())
        };

        core.narrow(&core.root, Gate::Closed);
        // Read without a lock, as a join does.
        let live = core.live(&core.root);

        let was_taken = spawner.join().unwrap();
        assert_eq!(live, usize::from(was_taken));
        assert_eq!(core.counts().refused, u64::from(!was_taken));
    });
}

/// INV-T7: who waits is told of the last task, whichever way it ends.
#[test]
fn inv_t7_last_end_is_seen_or_told() {
    for is_parked in [true, false] {
        loom::model(move || {
            let core = core(1);
            let task = admit(&core, 0).unwrap();
            let ender = {
                let core = Arc::clone(&core);
                thread::spawn(move || core.complete(task.key, is_parked))
            };

            core.watch(&core.root);
            let mut told = pin!(core.root.idle.notified());
            told.as_mut().enable();
            let was_seen = core.live(&core.root) == 0;

            ender.join().unwrap();
            let mut context = Context::from_waker(Waker::noop());
            assert!(was_seen || told.poll(&mut context).is_ready());
            assert_eq!(core.live(&core.root), 0);
        });
    }
}

/// INV-T7: a registry in which one task hands over to the next is never empty, watched or not.
#[test]
fn inv_t7_hand_over_is_never_taken_for_the_end() {
    for is_watched in [false, true] {
        loom::model(move || {
            let core = core(2);
            let first = admit(&core, 0).unwrap();
            let worker = {
                let core = Arc::clone(&core);
                thread::spawn(move || {
                    let second = admit(&core, 1).unwrap();
                    complete_elsewhere(&core, first);
                    second
                })
            };

            if is_watched {
                core.watch(&core.root);
            }
            assert!(core.live(&core.root) > 0);

            let second = worker.join().unwrap();
            assert_eq!(core.live(&core.root), 1);
            complete_elsewhere(&core, second);
            assert_eq!(core.live(&core.root), 0);
        });
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// INV-T8: an abort wakes the task, or the task sees it before it waits.
#[test]
fn inv_t8_abort_is_seen_or_wakes() {
    loom::model(|| {
        let core = core(1);
        let task = admit(&core, 0).unwrap();
        let woken = Arc::new(Flag(AtomicBool::new(false)));
        let poller = {
            let (core, waker) = (Arc::clone(&core), Waker::from(Arc::clone(&woken)));
            thread::spawn(move || {
                core.park(task.key, waker);
                core.is_aborting(task.key)
            })
        };

        core.abort(&core.root, Force::Gentle);

        let has_seen = poller.join().unwrap();
        assert!(has_seen || woken.0.load(Ordering::SeqCst));
    });
}

/// INV-T5: the counters balance while tasks come and go.
#[test]
fn inv_t5_counters_balance_at_any_moment() {
    loom::model(|| {
        let core = core(1);
        let first = admit(&core, 0).unwrap();
        let worker = {
            let core = Arc::clone(&core);
            thread::spawn(move || {
                complete_elsewhere(&core, first);
                let _second = admit(&core, 0).unwrap();
            })
        };

        // Would overflow, which is checked, if an end were counted before its spawn.
        let counts = core.counts();
        assert_eq!(counts.spawned, counts.live + counts.completed);

        worker.join().unwrap();
        let counts = core.counts();
        assert_eq!((counts.spawned, counts.live, counts.completed), (2, 1, 1));
    });
}
