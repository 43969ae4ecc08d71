//! What all clones and scopes of one registry share: the way in, and the way out.

use std::cell::Cell;
use std::panic::Location;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use tracing::Span;

use crate::clock::Coarse;
use crate::error::guard;
use crate::event::Journal;
use crate::phase::Phase;
use crate::shutdown::ShutdownToken;
use crate::sync::Lock;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::tasks::follow::Departed;
use crate::tasks::protect::Protection;
use crate::tasks::record::{Abort, Rare, Record};
use crate::tasks::scope::Scope;
use crate::tasks::shard::{After, Shard};
use crate::tasks::tracked::Traits;
use crate::tasks::{
    Criticality, Heartbeats, Progress, Refused, TaskEnd, TaskId, TaskOptions, roster,
};

/// Shards beyond this many spread nothing further.
const MOST_SHARDS: usize = 32;

#[derive(Debug)]
pub(super) struct Core {
    /// Its number in the process.
    number: u16,
    /// Whether its last handle is gone, so that it goes with its last task.
    is_retired: AtomicBool,
    /// How often work was started again, by name.
    is_listed: AtomicBool,
    /// The service's token: a critical task's end fires it.
    pub(super) token: ShutdownToken,
    /// The user's whole registry.
    pub(super) root: Arc<Scope>,
    /// A stand-alone registry has none.
    pub(super) journal: Option<Journal>,
    pub(super) span: OnceLock<Span>,
    pub(super) progress: Progress,
    pub(super) heartbeats: Arc<Heartbeats>,
    pub(super) is_degraded: AtomicBool,
    /// Whether the polls of all tasks are timed.
    pub(super) times_polls: AtomicBool,
    pub(super) shards: Box<[Shard]>,
    /// Live tasks that end with their next poll; while there are none, a poll asks no further.
    pub(super) aborting: AtomicUsize,
    /// Whether every shard is watched, so that the root's own count is right.
    pub(super) is_watched: AtomicBool,
    pub(super) watching: Lock<()>,
}

/// Where a task stands in the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlotKey {
    pub(super) slot: u32,
    pub(super) shard: u8,
}

/// What a spawn asks for.
pub(super) struct Admission<'a> {
    pub(super) name: &'static str,
    pub(super) options: TaskOptions,
    pub(super) scope: &'a Arc<Scope>,
    pub(super) spawned_from: &'static Location<'static>,
    pub(super) is_blocking: bool,
    pub(super) protection: Option<&'a Arc<Protection>>,
}

/// A task that was taken in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    pub(super) key: SlotKey,
    pub(super) id: TaskId,
    pub(super) traits: Traits,
}

impl Core {
    pub(super) fn new(token: ShutdownToken, journal: Option<Journal>) -> Arc<Self> {
        roster::enter(|number| Self::with_shards(number, token, journal, shard_count()))
    }

    pub(super) fn with_shards(
        number: u16,
        token: ShutdownToken,
        journal: Option<Journal>,
        shards: usize,
    ) -> Self {
        debug_assert!(shards.is_power_of_two(), "`home` takes the lower bits");
        Self {
            number,
            is_retired: AtomicBool::new(false),
            is_listed: AtomicBool::new(true),
            root: Scope::new("", None, token.clone()),
            token,
            journal,
            span: OnceLock::new(),
            progress: Progress::default(),
            heartbeats: Arc::default(),
            is_degraded: AtomicBool::new(false),
            times_polls: AtomicBool::new(false),
            shards: (0..shards).map(|_| Shard::new(shards)).collect(),
            aborting: AtomicUsize::new(0),
            is_watched: AtomicBool::new(false),
            watching: Lock::default(),
        }
    }

    /// A service's registry writes into its journal; a stand-alone one has none.
    pub(super) const fn is_of_service(&self) -> bool {
        self.journal.is_some()
    }

    /// The shard that the current thread spawns into.
    fn home(&self) -> usize {
        // A power of two: a division would cost as much as the lock.
        thread_number() & (self.shards.len() - 1)
    }

    pub(super) fn shard(&self, key: SlotKey) -> &Shard {
        &self.shards[usize::from(key.shard)]
    }

    /// Takes a task in, or says which phase refuses it.
    pub(super) fn admit(&self, admission: Admission<'_>) -> Result<Admitted, Refused> {
        self.admit_into(self.home(), admission)
    }

    pub(super) fn admit_into(
        &self,
        index: usize,
        admission: Admission<'_>,
    ) -> Result<Admitted, Refused> {
        let spawned_at = Coarse::now();
        let name = admission.name;
        let shard = &self.shards[index];
        let mut own = shard.own_to_spawn();
        if own.tasks.is_full() {
            drop(own);
            self.read_words(index);
            own = shard.own();
        }
        if let Some(phase) = self.refusal(&admission) {
            own.refused += 1;
            return Err(Refused { name, phase });
        }
        let id = TaskId(own.next_id() * self.shards.len() as u64 + index as u64);
        let is_of_root = admission.scope.is_root();
        if !is_of_root {
            admission.scope.enter();
        }
        let record = self.record(admission, id, spawned_at);
        let traits = Traits::of(&record);
        let is_users = !record.is_of_framework();
        let (slot, is_watched) = own.insert(record);
        if is_watched && is_users {
            self.root.add(1);
        }
        drop(own);
        let Ok(shard) = u8::try_from(index) else {
            unreachable!("there are {MOST_SHARDS} shards at most");
        };
        let key = SlotKey { slot, shard };
        Ok(Admitted { key, id, traits })
    }

    fn record(&self, admission: Admission<'_>, id: TaskId, spawned_at: Coarse) -> Record {
        let Admission {
            name,
            options,
            scope,
            spawned_from,
            is_blocking,
            protection,
        } = admission;
        let times_polls = options.time_polls || self.times_polls.load(Ordering::Relaxed);
        let is_rare = is_blocking || protection.is_some() || options.label.is_some() || times_polls;
        let rare = is_rare.then(|| {
            Box::new(Rare {
                label: options.label,
                protection: protection.cloned(),
                is_blocking,
                polls: times_polls.then(Box::default),
                ..Rare::default()
            })
        });
        Record {
            id,
            name,
            spawned_from,
            spawned_at,
            kind: options.kind,
            criticality: options.criticality,
            may_finish: options.may_finish,
            abort: Abort::Idle,
            scope: (!scope.is_root()).then(|| Arc::clone(scope)),
            rare,
        }
    }

    /// The phase that refuses a task, if one does.
    fn refusal(&self, admission: &Admission<'_>) -> Option<Phase> {
        let is_drain_work = admission.options.drain_work;
        admission.scope.refusal(is_drain_work).or_else(|| {
            // I19: who sees the token fired is refused, even before the driver has seen it.
            let is_users = self.is_of_service() && !admission.scope.is_framework();
            let is_late = is_users && !is_drain_work && self.token.is_cancelled();
            is_late.then_some(Phase::Draining)
        })
    }

    /// Keeps how a task has ended while its future is dropped.
    pub(super) fn tell(&self, key: SlotKey, end: TaskEnd) {
        if let Some(record) = self.shard(key).own().tasks.get_mut(key.slot as usize) {
            record.rare().end = Some(Box::new(end));
        }
    }

    /// Gives what was [told](Self::tell).
    pub(super) fn told(&self, key: SlotKey) -> Option<TaskEnd> {
        let mut own = self.shard(key).own();
        let record = own.tasks.get_mut(key.slot as usize)?;
        record.rare().end.take().map(|end| *end)
    }

    /// Lets a task go on whose end nothing depends: it completed, and is plain.
    pub(super) fn complete(&self, key: SlotKey, is_parked: bool) {
        if is_parked {
            // Dropped outside the lock: it may be the last to hold the task's cell.
            let waker = self.shard(key).wakers().take(key.slot as usize);
            drop(waker);
        }
        let home = usize::from(key.shard);
        let left = self.shards[self.home()].leave_word(home, key.slot);
        if left.is_to_be_read {
            self.read_words(home);
        }
        if left.is_watched {
            self.count_off();
        }
        self.leave_if_over();
    }

    /// Lets any task go.
    ///
    /// What its end means is told first, so that whoever sees the registry empty knows it.
    pub(super) fn release(&self, key: SlotKey, end: TaskEnd) {
        let shard = self.shard(key);
        let departed = {
            let mut own = shard.own();
            let record = own.tasks.get_mut(key.slot as usize);
            record.map(|record| Departed::of(record, self))
        };
        let Some(departed) = departed else { return };
        if !matches!(end, TaskEnd::Completed) || departed.criticality != Criticality::Standard {
            // Guarded: a tracing layer that panics must not keep the task in the table.
            let _ = guard(|| self.report(&departed, &end));
            if departed.was_wanted {
                self.follow(&departed, &end);
            }
        }
        let mut after = After::default();
        let Some((record, is_watched)) = shard.remove(key.slot, end, &mut after) else {
            return;
        };
        let is_idle = record.scope.as_ref().is_some_and(Scope::leave);
        self.tidy(after);
        if let (true, Some(scope)) = (is_idle, &record.scope) {
            scope.wake_the_idle();
        }
        if is_watched && !record.is_of_framework() {
            self.count_off();
        }
        self.leave_if_over();
    }

    /// Tells those who wait for the user's last task, if this was it.
    fn count_off(&self) {
        if self.root.subtract(1) {
            self.root.idle.notify_waiters();
        }
    }

    /// Makes a shard read what the outboxes have for it.
    #[cold]
    fn read_words(&self, home: usize) {
        let mut after = After::default();
        self.shards[home]
            .own()
            .read_words(home, &self.shards, &mut after);
        self.tidy(after);
    }

    /// Counts off what has left, and drops the rest: outside the locks, as it may run user code.
    pub(super) fn tidy(&self, after: After) {
        if after.aborts > 0 {
            self.aborting.fetch_sub(after.aborts, Ordering::Relaxed);
        }
        drop(after);
    }

    /// Lets the registry go with its last task, as its last handle is gone.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::SeqCst);
        self.leave_if_over();
    }

    /// The last one out of a retired registry, task or handle, takes it off the roster.
    fn leave_if_over(&self) {
        let is_over = self.is_retired.load(Ordering::SeqCst) && self.counts().live == 0;
        if is_over && self.is_listed.swap(false, Ordering::SeqCst) {
            roster::leave(self.number);
        }
    }

    pub(super) const fn number(&self) -> u16 {
        self.number
    }
}

/// How many shards a registry has: as many as threads spawn at a time, with room.
fn shard_count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| {
        let threads = available_parallelism().map_or(1, usize::from);
        (2 * threads).next_power_of_two().min(MOST_SHARDS)
    })
}

/// A number of the thread's own.
fn thread_number() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        NUMBER.set(Some(number));
        number
    })
}
