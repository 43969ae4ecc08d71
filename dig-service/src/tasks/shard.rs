//! A part of the table: the tasks that one thread, or a few, have spawned.
//!
//! A thread that spawns writes the *own* part of its shard. A thread that completes a task leaves
//! word in the *outbox* of its own shard, for the shard that the task was spawned into, which reads
//! all outboxes when it is out of slots. So no line travels for every task, which would cost more
//! than a lock. Own is locked before outboxes and wakers, and no two shards' own at once (INV-T6).

use std::collections::VecDeque;
use std::task::Waker;

use crate::clock::Coarse;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Lock, LockGuard};
use crate::tasks::pages::{Beside, PAGE, Pages};
use crate::tasks::record::{Abort, Record};
use crate::tasks::scope::Scope;
use crate::tasks::{TaskCounts, TaskEnd, TaskId, TaskOutcome};

/// How many ended tasks are remembered.
pub(super) const REMEMBERED: usize = 128;

/// How many tasks of a shard may complete on one thread before the shard is made to read of it.
const WORD_LIMIT: usize = 4 * PAGE;

/// How often a listing gives way before its next portion.
const PATIENCE: usize = 1000;

#[derive(Debug)]
pub(super) struct Shard {
    own: Padded<Lock<Own>>,
    outbox: Padded<Lock<Outbox>>,
    wakers: Padded<Lock<Beside<Waker>>>,
    /// Spawns that wait for own: a listing lets them go first, as locks are not fair.
    spawning: AtomicUsize,
}

/// Keeps what is inside from sharing a cache line, or the pair that is fetched with it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded<T>(T);

/// What the thread that spawns writes.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) tasks: Pages<Record>,
    next_id: u64,
    spawned: u64,
    pub(super) refused: u64,
    ended: Ended,
    /// Of the user's registry: those above without the framework's.
    users: u64,
    users_ended: u64,
    /// Whether the root counts the user's, for those who wait for the last (INV-T7).
    is_watched: bool,
    recent: VecDeque<Past>,
    /// Empty between readings, kept for its memory.
    words: Vec<Word>,
}

/// What a thread that completes tasks writes.
#[derive(Debug, Default)]
struct Outbox {
    /// For each shard.
    words: Box<[Vec<Word>]>,
    /// Of the user's registry, as is all that goes this way.
    completed: u64,
    is_watched: bool,
}

/// A task that completed and whose slot can be used again.
#[derive(Clone, Copy, Debug)]
struct Word {
    slot: u32,
    at: Coarse,
}

/// A task that has ended, as it is remembered.
#[derive(Debug)]
struct Past {
    id: TaskId,
    name: &'static str,
    spawned_at: Coarse,
    at: Coarse,
    /// `None` is completed.
    end: Option<Box<TaskEnd>>,
}

/// Tasks by how they ended.
#[derive(Clone, Copy, Debug, Default)]
struct Ended {
    completed: u64,
    failed: u64,
    panicked: u64,
    aborted: u64,
}

/// What is to be done, and dropped, when no lock is held: all of it may run user code.
#[derive(Debug, Default)]
#[must_use = "aborts are to be counted, and the rest dropped outside the locks"]
pub(super) struct After {
    /// How many of those that left were to be aborted.
    pub(super) aborts: usize,
    pub(super) waker: Option<Waker>,
    forgotten: Vec<TaskEnd>,
}

impl Shard {
    /// A shard of so many.
    pub(super) fn new(shards: usize) -> Self {
        let outbox = Outbox {
            words: (0..shards).map(|_| Vec::new()).collect(),
            ..Outbox::default()
        };
        Self {
            own: Padded::default(),
            outbox: Padded(Lock::from(outbox)),
            wakers: Padded::default(),
            spawning: AtomicUsize::new(0),
        }
    }

    pub(super) fn own(&self) -> LockGuard<'_, Own> {
        self.own.0.lock()
    }

    /// The own part for a spawn, which goes before a listing's next portion.
    pub(super) fn own_to_spawn(&self) -> LockGuard<'_, Own> {
        self.own.0.try_lock().unwrap_or_else(|| {
            self.spawning.fetch_add(1, Ordering::Relaxed);
            let own = self.own.0.lock();
            self.spawning.fetch_sub(1, Ordering::Relaxed);
            own
        })
    }

    /// Lets spawns that wait go first; not for ever, as there may always be one more.
    pub(super) fn give_way(&self) {
        for _ in 0..PATIENCE {
            if self.spawning.load(Ordering::Relaxed) == 0 {
                return;
            }
            std::thread::yield_now();
        }
    }

    pub(super) fn wakers(&self) -> LockGuard<'_, Beside<Waker>> {
        self.wakers.0.lock()
    }

    fn outbox(&self) -> LockGuard<'_, Outbox> {
        self.outbox.0.lock()
    }

    /// Leaves word that a task of shard `home` has completed.
    pub(super) fn leave_word(&self, home: usize, slot: u32) -> Left {
        let at = Coarse::now();
        let mut outbox = self.outbox();
        outbox.completed += 1;
        let words = &mut outbox.words[home];
        words.push(Word { slot, at });
        Left {
            is_to_be_read: words.len() >= WORD_LIMIT,
            is_watched: outbox.is_watched,
        }
    }

    /// Takes any task out; tells whether the shard is watched.
    pub(super) fn remove(
        &self,
        slot: u32,
        end: TaskEnd,
        after: &mut After,
    ) -> Option<(Record, bool)> {
        let at = Coarse::now();
        let mut own = self.own();
        let record = own.tasks.remove(slot as usize)?;
        after.waker = self.wakers().take(slot as usize);
        after.aborts += usize::from(record.abort == Abort::Requested);
        own.ended.count(&end);
        own.users_ended += u64::from(!record.is_of_framework());
        own.remember(&record, end, at, after);
        Some((record, own.is_watched))
    }

    /// Forgets a task that left without ever having been spawned.
    pub(super) fn retract(&self, id: TaskId, is_users: bool) {
        let mut own = self.own();
        own.spawned -= 1;
        own.ended.aborted -= 1;
        own.users -= u64::from(is_users);
        own.users_ended -= u64::from(is_users);
        own.recent.retain(|past| past.id != id);
    }

    /// Has `root` count the user's spawns from now on, and those that live as far as is known here.
    pub(super) fn watch_spawns(&self, root: &Scope) {
        let mut own = self.own();
        own.is_watched = true;
        root.add(count(own.users - own.users_ended));
    }

    /// Has `root` count the user's ends from now on, and those that were left word of here.
    pub(super) fn watch_ends(&self, root: &Scope) {
        let mut outbox = self.outbox();
        outbox.is_watched = true;
        root.subtract(count(outbox.completed));
    }

    /// How many of the user's tasks were ever spawned.
    pub(super) fn users(&self) -> u64 {
        self.own().users
    }

    /// How many of the user's tasks have ended, as far as is known here.
    pub(super) fn users_ended(&self) -> u64 {
        let ended = self.own().users_ended;
        ended + self.outbox().completed
    }

    /// Adds the ends that are known here.
    pub(super) fn count_ends(&self, counts: &mut TaskCounts) {
        let ended = self.own().ended;
        counts.completed += ended.completed + self.outbox().completed;
        counts.failed += ended.failed;
        counts.panicked += ended.panicked;
        counts.aborted += ended.aborted;
    }

    pub(super) fn count_spawns(&self, counts: &mut TaskCounts) {
        let own = self.own();
        counts.spawned += own.spawned;
        counts.refused += own.refused;
    }
}

/// What is to be done after word was left.
pub(super) struct Left {
    /// Enough has come together.
    pub(super) is_to_be_read: bool,
    pub(super) is_watched: bool,
}

impl Own {
    pub(super) fn next_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Takes a task in; returns its slot, and whether the shard is watched.
    pub(super) fn insert(&mut self, record: Record) -> (u32, bool) {
        self.spawned += 1;
        self.users += u64::from(!record.is_of_framework());
        let Ok(slot) = u32::try_from(self.tasks.insert(record)) else {
            unreachable!("four thousand million live tasks would take 1 TiB");
        };
        (slot, self.is_watched)
    }

    /// The last ends, with their times; without those of which word is still to be read.
    pub(super) fn recent(&self) -> impl Iterator<Item = (Coarse, TaskOutcome)> {
        self.recent.iter().map(Past::outcome)
    }

    /// Reads what all outboxes have for this shard, whose number is `home`.
    pub(super) fn read_words(&mut self, home: usize, shards: &[Shard], after: &mut After) {
        let mut words = std::mem::take(&mut self.words);
        let mut sources = 0;
        for shard in shards {
            let mut outbox = shard.outbox();
            sources += usize::from(!outbox.words[home].is_empty());
            words.append(&mut outbox.words[home]);
        }
        if sources > 1 {
            words.sort_by_key(|word| word.at);
        }
        let forgotten = words.len().saturating_sub(REMEMBERED);
        for (place, word) in words.drain(..).enumerate() {
            let Some(record) = self.tasks.remove(word.slot as usize) else {
                continue;
            };
            after.aborts += usize::from(record.abort == Abort::Requested);
            if place >= forgotten {
                self.remember(&record, TaskEnd::Completed, word.at, after);
            }
        }
        self.words = words;
    }

    fn remember(&mut self, record: &Record, end: TaskEnd, at: Coarse, after: &mut After) {
        if record.is_of_framework() && matches!(end, TaskEnd::Completed) {
            // Connections come and go; they must not push out what users want to know.
            return;
        }
        if self.recent.len() == REMEMBERED
            && let Some(forgotten) = self.recent.pop_front()
            && let Some(end) = forgotten.end
        {
            after.forgotten.push(*end);
        }
        self.recent.push_back(Past {
            id: record.id,
            name: record.name,
            spawned_at: record.spawned_at,
            at,
            end: (!matches!(end, TaskEnd::Completed)).then(|| Box::new(end)),
        });
    }
}

impl Past {
    fn outcome(&self) -> (Coarse, TaskOutcome) {
        let outcome = TaskOutcome {
            id: self.id,
            name: self.name,
            end: self
                .end
                .as_deref()
                .map_or(TaskEnd::Completed, TaskEnd::clone),
            lived: self.at.since(self.spawned_at),
        };
        (self.at, outcome)
    }
}

impl Ended {
    const fn count(&mut self, end: &TaskEnd) {
        match end {
            TaskEnd::Completed => self.completed += 1,
            TaskEnd::Failed(_) => self.failed += 1,
            TaskEnd::Panicked(_) => self.panicked += 1,
            TaskEnd::Aborted => self.aborted += 1,
        }
    }
}

fn count(tasks: u64) -> usize {
    usize::try_from(tasks).unwrap_or(usize::MAX)
}
