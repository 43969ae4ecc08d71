//! How many tasks there are, and how the last ones ended.

use crate::sync::atomic::Ordering;
use crate::tasks::core::Core;
use crate::tasks::scope::Scope;
use crate::tasks::shard::{After, REMEMBERED, Shard};
use crate::tasks::{Gate, TaskCounts, TaskOutcome};

impl Core {
    pub(super) fn counts(&self) -> TaskCounts {
        let mut counts = TaskCounts::default();
        // Ends first: what is counted as ended was counted as spawned (INV-T5).
        for shard in &self.shards {
            shard.count_ends(&mut counts);
        }
        for shard in &self.shards {
            shard.count_spawns(&mut counts);
        }
        let ended = counts.completed + counts.failed + counts.panicked + counts.aborted;
        counts.live = counts.spawned - ended;
        counts
    }

    pub(super) fn recent(&self) -> Vec<TaskOutcome> {
        let mut recent = Vec::new();
        for (home, shard) in self.shards.iter().enumerate() {
            let mut after = After::default();
            let mut own = shard.own();
            own.read_words(home, &self.shards, &mut after);
            recent.extend(own.recent());
            drop(own);
            self.tidy(after);
        }
        // Stable: those of one shard stay in the order in which it heard of them.
        recent.sort_by_key(|(at, _)| *at);
        let forgotten = recent.len().saturating_sub(REMEMBERED);
        recent
            .into_iter()
            .skip(forgotten)
            .map(|(_, outcome)| outcome)
            .collect()
    }

    /// How many tasks of `scope` live.
    pub(super) fn live(&self, scope: &Scope) -> usize {
        // Acquire pairs with the Release in `watch`.
        if !scope.is_root() || self.is_watched.load(Ordering::Acquire) {
            return scope.live();
        }
        // Ends first: a task that is counted as ended was counted as spawned, so that a sum of
        // nothing is never that of a registry in which one task hands over to the next (INV-T7).
        let ended: u64 = self.shards.iter().map(Shard::users_ended).sum();
        let spawned: u64 = self.shards.iter().map(Shard::users).sum();
        usize::try_from(spawned - ended).unwrap_or(usize::MAX)
    }

    /// Lets those who wait for the last task of `scope` be told of it, from now on.
    pub(super) fn watch(&self, scope: &Scope) {
        if !scope.is_root() || self.is_watched.load(Ordering::Acquire) {
            return;
        }
        let _one = self.watching.lock();
        if self.is_watched.load(Ordering::Relaxed) {
            return;
        }
        // All that is added comes before anything that is subtracted: the sum is never below none.
        for shard in &self.shards {
            shard.watch_spawns(&self.root);
        }
        for shard in &self.shards {
            shard.watch_ends(&self.root);
        }
        self.is_watched.store(true, Ordering::Release);
    }

    /// Narrows what the scope takes in.
    pub(super) fn narrow(&self, scope: &Scope, gate: Gate) {
        scope.narrow(gate);
        for shard in &self.shards {
            // Who has seen the gate open holds the lock until its task is in the table.
            drop(shard.own());
        }
    }
}
