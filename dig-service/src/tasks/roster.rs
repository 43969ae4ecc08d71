//! The registries of the process, by number.
//!
//! A task knows its registry by a number of two bytes: a counted reference would take eight in
//! every task's cell, and its count would travel between the threads that spawn and those that
//! finish. The entry holds the registry until its last handle is gone and its last task has ended.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwapOption, Guard};

use crate::sync::Lock;
use crate::tasks::core::Core;

/// How many registries can live at a time.
const SIZE: usize = 1 << 16;

static ROSTER: [ArcSwapOption<Core>; SIZE] = [const { ArcSwapOption::const_empty() }; SIZE];

/// Numbers that were given back.
static FREE: OnceLock<Lock<Vec<u16>>> = OnceLock::new();

/// The lowest number that was never given out.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Lists a registry under a number of its own.
///
/// # Panics
///
/// If 65 536 registries live already.
pub(super) fn enter(core: impl FnOnce(u16) -> Core) -> Arc<Core> {
    let given_back = FREE.get_or_init(Lock::default).lock().pop();
    let number = given_back.unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let Ok(number) = u16::try_from(number) else {
            // Left as it was, for when others have been given back.
            NEXT.fetch_sub(1, Ordering::Relaxed);
            panic!("more than {SIZE} task registries live at a time");
        };
        number
    });
    let core = Arc::new(core(number));
    ROSTER[usize::from(number)].store(Some(Arc::clone(&core)));
    core
}

/// The registry of this number; held for as long as the guard lives.
pub(super) fn get(number: u16) -> Guard<Option<Arc<Core>>> {
    ROSTER[usize::from(number)].load()
}

/// Takes a registry off; once for each.
pub(super) fn leave(number: u16) {
    drop(ROSTER[usize::from(number)].swap(None));
    FREE.get_or_init(Lock::default).lock().push(number);
}
