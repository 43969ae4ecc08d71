//! Looking through all live tasks, a portion at a time: to list them, or to abort them.

use std::sync::Arc;
use std::task::Waker;

use tokio::task::AbortHandle;

use crate::sync::atomic::Ordering;
use crate::tasks::core::{Core, SlotKey};
use crate::tasks::record::{Abort, Force, Record};
use crate::tasks::scope::Scope;
use crate::tasks::shard::{After, Shard};

/// Pages looked through under one lock: 256 tasks, for some thirty microseconds, of which most is
/// touching fresh memory.
const PORTION: usize = 1;

impl Core {
    /// The live tasks in `scope` and below.
    pub(super) fn records<T>(&self, within: &Arc<Scope>, map: impl Fn(&Record) -> T) -> Vec<T> {
        self.collect(|record| record.is_within(within).then(|| map(record)))
    }

    /// All live tasks, the framework's own included.
    pub(super) fn all_records<T>(&self, map: impl Fn(&Record) -> T) -> Vec<T> {
        self.collect(|record| Some(map(record)))
    }

    /// One that lives all the while is met once; one that comes or goes meanwhile may be missed.
    fn collect<T>(&self, map: impl Fn(&Record) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        for (home, shard) in self.shards.iter().enumerate() {
            let mut page = 0;
            loop {
                // Not under the lock: it may have to move all that was found.
                found.reserve(PORTION * crate::tasks::pages::PAGE);
                let mut after = After::default();
                let mut own = shard.own();
                own.read_words(home, &self.shards, &mut after);
                let records = own.tasks.iter_mut(page..page + PORTION);
                found.extend(records.filter_map(|(_, record)| map(record)));
                page += PORTION;
                let is_last = page >= own.tasks.page_count();
                drop(own);
                self.tidy(after);
                if is_last {
                    break;
                }
                shard.give_way();
            }
        }
        found
    }

    /// Aborts every task that is in `scope` or below now.
    pub(super) fn abort(&self, scope: &Arc<Scope>, force: Force) {
        for (home, shard) in self.shards.iter().enumerate() {
            let mut page = 0;
            loop {
                let mut means = Vec::new();
                let mut after = After::default();
                let mut own = shard.own();
                own.read_words(home, &self.shards, &mut after);
                for (slot, record) in own.tasks.iter_mut(page..page + PORTION) {
                    if record.is_within(scope) && record.request_abort(force) {
                        means.push(self.means(shard, slot, record));
                    }
                }
                page += PORTION;
                let is_last = page >= own.tasks.page_count();
                drop(own);
                self.tidy(after);
                means.into_iter().for_each(Means::apply);
                if is_last {
                    break;
                }
                shard.give_way();
            }
        }
    }

    /// Aborts one task, if it is still there.
    pub(super) fn abort_one(&self, key: SlotKey, id: crate::tasks::TaskId, force: Force) {
        let shard = self.shard(key);
        let mut own = shard.own();
        let slot = key.slot as usize;
        let record = own.tasks.get_mut(slot).filter(|record| record.id == id);
        let means = record.and_then(|record| {
            record
                .request_abort(force)
                .then(|| self.means(shard, slot, record))
        });
        drop(own);
        if let Some(means) = means {
            means.apply();
        }
    }

    /// What brings a task to its end, whose abort was requested just now, under the own lock.
    fn means(&self, shard: &Shard, slot: usize, record: &mut Record) -> Means {
        // Before the waker is looked for (INV-T8): a task that parks later looks here afterwards.
        self.aborting.fetch_add(1, Ordering::SeqCst);
        Means {
            waker: shard.wakers().take(slot),
            queued: record.rare.as_mut().and_then(|rare| rare.queued.take()),
        }
    }

    /// Keeps the waker of a task that waits for the first time.
    pub(super) fn park(&self, key: SlotKey, waker: Waker) {
        self.shard(key).wakers().put(key.slot as usize, waker);
    }

    /// Whether a task is to end with this poll.
    pub(super) fn is_aborting(&self, key: SlotKey) -> bool {
        self.aborting.load(Ordering::SeqCst) > 0 && {
            let mut own = self.shard(key).own();
            let record = own.tasks.get_mut(key.slot as usize);
            record.is_some_and(|record| record.abort == Abort::Requested)
        }
    }

    /// Stores the handle that keeps a blocking task from starting, unless it is over already.
    pub(super) fn arm(&self, key: SlotKey, id: crate::tasks::TaskId, handle: AbortHandle) {
        let mut own = self.shard(key).own();
        let record = own.tasks.get_mut(key.slot as usize);
        let Some(record) = record.filter(|record| record.id == id) else {
            return;
        };
        if record.abort == Abort::Requested {
            drop(own);
            handle.abort();
        } else {
            record.rare().queued = Some(handle);
        }
    }

    /// Does what was put off until the end of a protected section.
    pub(super) fn end_protection(&self, key: SlotKey, id: crate::tasks::TaskId) {
        let shard = self.shard(key);
        let mut own = shard.own();
        let record = own.tasks.get_mut(key.slot as usize);
        let deferred = record.filter(|record| record.id == id && record.abort == Abort::Deferred);
        let is_due = |record: &mut Record| record.request_abort(Force::Gentle);
        let means = deferred.and_then(|record| {
            is_due(record).then(|| self.means(shard, key.slot as usize, record))
        });
        drop(own);
        if let Some(means) = means {
            means.apply();
        }
    }
}

/// What brings an aborted task to its end.
struct Means {
    /// Of one that waits.
    waker: Option<Waker>,
    /// Of a blocking one, which it keeps from starting.
    queued: Option<AbortHandle>,
}

impl Means {
    /// Not under a lock: wakers and destructors may run right here.
    fn apply(self) {
        if let Some(waker) = self.waker {
            waker.wake();
        }
        if let Some(handle) = self.queued {
            handle.abort();
        }
    }
}
