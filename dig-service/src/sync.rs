//! Locks that outlive a panic.
//!
//! User code runs between our critical sections, never inside one, so a poisoned lock holds a
//! consistent value: [`Lock`] hands it out instead of spreading the panic.

use std::fmt;
use std::sync::{PoisonError, TryLockError};

#[cfg(not(dig_loom))]
use std::sync::Mutex;
#[cfg(not(dig_loom))]
pub(crate) use std::sync::MutexGuard as LockGuard;

#[cfg(dig_loom)]
use loom::sync::Mutex;
#[cfg(dig_loom)]
pub(crate) use loom::sync::MutexGuard as LockGuard;

/// The atomics of code that loom checks.
pub(crate) mod atomic {
    #[cfg(dig_loom)]
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
    #[cfg(not(dig_loom))]
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};

    pub(crate) use std::sync::atomic::Ordering;
}

/// A mutex that ignores poisoning.
#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    #[cfg(feature = "structured-panic")]
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lock<T> {
    /// The lock, if nobody holds it.
    pub(crate) fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<T> From<T> for Lock<T> {
    fn from(value: T) -> Self {
        Self(Mutex::new(value))
    }
}

impl<T: fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
