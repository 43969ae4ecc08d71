//! Locks that outlive a panic.
//!
//! User code runs between our critical sections, never inside one, so a poisoned lock holds a
//! consistent value: [`Lock`] hands it out instead of spreading the panic.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex that ignores poisoning.
#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    #[cfg(feature = "structured-panic")]
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
