//! The future that is really spawned: the user's, and a guard that reports its end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::error::{Answered, Panicked, guard};
use crate::tasks::core::{Core, SlotKey};
use crate::tasks::record::Record;
use crate::tasks::{Criticality, TaskEnd, roster};

pin_project! {
    /// Polls the user's future inside a panic guard.
    ///
    /// Small, as it is part of the task's cell, which grows by steps of 128 bytes.
    pub(super) struct Tracked<F> {
        // INV-T2: fields are dropped in this order, the future before the guard.
        #[pin]
        future: F,
        guard: Guard,
    }

    impl<F> PinnedDrop for Tracked<F> {
        fn drop(this: Pin<&mut Self>) {
            // The future is dropped next, then the guard.
            this.project().guard.future_drops_next();
        }
    }
}

impl<F> Tracked<F> {
    pub(super) const fn new(future: F, guard: Guard) -> Self {
        Self { future, guard }
    }
}

impl<F: Future<Output = anyhow::Result<()>>> Future for Tracked<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let task = this.guard;
        let listed = roster::get(task.registry);
        let Some(core) = &*listed else {
            unreachable!("a registry is listed while a task of its lives");
        };
        let key = task.key();
        if core.is_aborting(key) {
            return Poll::Ready(());
        }
        let is_timed = task.traits.has(Traits::TIMED);
        if is_timed {
            core.poll_begins(key);
        }
        let polled = {
            let _entered = core.span.get().map(tracing::Span::enter);
            guard(|| this.future.poll(cx))
        };
        if is_timed {
            core.poll_ends(key);
        }
        // INV-T4: the end is set before `Ready`, so an abort that comes now changes nothing.
        match polled {
            Ok(Poll::Ready(result)) => task.ends_with(core, TaskEnd::from(result)),
            Err(panic) => task.ends_with(core, TaskEnd::Panicked(panic)),
            Ok(Poll::Pending) => {
                if !task.traits.has(Traits::PARKED) {
                    task.traits.set(Traits::PARKED);
                    core.park(key, cx.waker().clone());
                }
                if !core.is_aborting(key) {
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(())
    }
}

/// What is to be known of a task without a look at the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits(u8);

impl Traits {
    /// Nothing but a count depends on its completion.
    const PLAIN: u8 = 1;
    /// Its polls are timed.
    const TIMED: u8 = 1 << 1;
    /// It has waited, and has left its waker.
    const PARKED: u8 = 1 << 2;
    /// It has returned `Ok`.
    const COMPLETED: u8 = 1 << 3;
    /// It has ended otherwise, and the table knows how.
    const TOLD: u8 = 1 << 4;
    /// Its future is being dropped: panics are ours to answer for.
    const DROPPING: u8 = 1 << 5;
    /// The thread was unwinding before that, for reasons of its own.
    const UNWINDING: u8 = 1 << 6;

    pub(super) fn of(record: &Record) -> Self {
        let is_standard = record.criticality == Criticality::Standard;
        let mut traits = Self(0);
        if is_standard && record.scope.is_none() && record.rare.is_none() {
            traits.set(Self::PLAIN);
        }
        if record
            .rare
            .as_ref()
            .is_some_and(|rare| rare.polls.is_some())
        {
            traits.set(Self::TIMED);
        }
        traits
    }

    const fn has(self, all: u8) -> bool {
        self.0 & all == all
    }

    const fn set(&mut self, traits: u8) {
        self.0 |= traits;
    }
}

/// Takes the task out of the table when dropped (INV-T1); eight bytes.
pub(super) struct Guard {
    slot: u32,
    registry: u16,
    shard: u8,
    traits: Traits,
}

impl Guard {
    pub(super) const fn new(registry: u16, key: SlotKey, traits: Traits) -> Self {
        let SlotKey { slot, shard } = key;
        Self {
            slot,
            registry,
            shard,
            traits,
        }
    }

    const fn key(&self) -> SlotKey {
        SlotKey {
            slot: self.slot,
            shard: self.shard,
        }
    }

    /// Keeps how the task has ended until its future is dropped.
    pub(super) fn ends_with(&mut self, core: &Core, end: TaskEnd) {
        if matches!(end, TaskEnd::Completed) {
            self.traits.set(Traits::COMPLETED);
        } else {
            self.traits.set(Traits::TOLD);
            core.tell(self.key(), end);
        }
    }

    fn future_drops_next(&mut self) {
        Answered::begin();
        self.traits.set(Traits::DROPPING);
        if std::thread::panicking() {
            self.traits.set(Traits::UNWINDING);
        }
    }

    fn end(&self, core: &Core) -> TaskEnd {
        let told = if self.traits.has(Traits::TOLD) {
            core.told(self.key())
        } else {
            None
        };
        let end = match told {
            Some(end) => end,
            None if self.traits.has(Traits::COMPLETED) => TaskEnd::Completed,
            None => TaskEnd::Aborted,
        };
        // Dropped while unwinding: the future's destructor panicked, as its polls are guarded.
        let has_panicked = std::thread::panicking() && !self.traits.has(Traits::UNWINDING);
        if has_panicked && !matches!(end, TaskEnd::Panicked(_)) {
            TaskEnd::Panicked(Panicked::in_destructor())
        } else {
            end
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(core) = &*roster::get(self.registry) {
            if self.traits.has(Traits::PLAIN | Traits::COMPLETED) && !std::thread::panicking() {
                core.complete(self.key(), self.traits.has(Traits::PARKED));
            } else {
                core.release(self.key(), self.end(core));
            }
        }
        if self.traits.has(Traits::DROPPING) {
            Answered::end();
        }
    }
}
