//! Sections that the registry does not abort (I21).

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::tasks::TaskId;
use crate::tasks::core::SlotKey;
use crate::tasks::registry::Handle;

/// The sections that a task is inside of.
#[derive(Debug, Default)]
pub(super) struct Protection {
    sections: AtomicUsize,
    /// Where the task stands in the table, once it does.
    place: OnceLock<(SlotKey, TaskId)>,
}

impl Protection {
    pub(super) fn is_on(&self) -> bool {
        // SeqCst pairs with the changes below: the aborter, under the table's lock, either sees the
        // section, or its end comes to the lock after it.
        self.sections.load(Ordering::SeqCst) > 0
    }

    pub(super) fn stands_at(&self, key: SlotKey, id: TaskId) {
        // Set once, by the spawn.
        let _ = self.place.set((key, id));
    }
}

/// Keeps a task from being aborted by the registry until dropped; see
/// [`TaskContext::protect`](crate::TaskContext::protect).
#[must_use = "the section ends when this is dropped"]
pub struct Protected {
    core: Arc<Handle>,
    protection: Arc<Protection>,
}

impl Protected {
    pub(super) fn enter(core: Arc<Handle>, protection: Arc<Protection>) -> Self {
        protection.sections.fetch_add(1, Ordering::SeqCst);
        Self { core, protection }
    }
}

impl Drop for Protected {
    fn drop(&mut self) {
        let was_last = self.protection.sections.fetch_sub(1, Ordering::SeqCst) == 1;
        if let (true, Some((key, id))) = (was_last, self.protection.place.get()) {
            self.core.end_protection(*key, *id);
        }
    }
}

impl fmt::Debug for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protected").finish_non_exhaustive()
    }
}
