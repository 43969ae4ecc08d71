//! A panic that was caught, as an error.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::capture::{self, Origin};

/// A panic caught in user code: a hook, a task, an RPC method.
///
/// It is the source of the error that stands in for the code's own result.
#[derive(Clone, Debug)]
pub struct Panicked {
    message: String,
    origin: Option<Origin>,
}

impl Panicked {
    /// Reads the message out of a panic's payload.
    ///
    /// The payload is dropped here; one whose own destructor panics is caught as well.
    pub(crate) fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "a panic whose payload is not text".to_owned()
        };
        drop_quietly(payload);
        let origin = capture::take();
        Self { message, origin }
    }

    /// Stands for a panic in a destructor, whose payload is still on its way up.
    pub(crate) fn in_destructor() -> Self {
        Self {
            message: "in a destructor".to_owned(),
            origin: capture::take(),
        }
    }

    /// Returns the panic's message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns where it happened, as `file:line:column`; known under `#[dig_main]` and after
    /// `panic::install`.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.origin.as_ref()?.place.as_deref()
    }

    /// Returns the backtrace, if the place is known and `RUST_BACKTRACE` asks for one.
    #[must_use]
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.origin.as_ref()?.backtrace.as_deref()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some(place) => write!(f, "panicked at {place}: {}", self.message),
            None => write!(f, "panicked: {}", self.message),
        }
    }
}

impl std::error::Error for Panicked {}

/// Runs `f`; a panic inside becomes an error.
pub(crate) fn guard<R>(f: impl FnOnce() -> R) -> Result<R, Panicked> {
    let _answered = Answered::enter();
    // The closure is not used again after a panic, so a broken invariant inside it is not seen.
    catch_unwind(AssertUnwindSafe(f)).map_err(Panicked::from_payload)
}

/// The text of an error with its causes, for logs; user code may panic while it is made.
pub(crate) fn shown(error: &anyhow::Error) -> String {
    guard(|| format!("{error:#}"))
        .unwrap_or_else(|panic| format!("an error that cannot be shown: {panic}"))
}

thread_local! {
    /// How many guards the thread is inside of.
    static GUARDS: Cell<u32> = const { Cell::new(0) };
}

/// Whether a panic on this thread, now, is one that a guard answers for.
pub(crate) fn is_guarded() -> bool {
    GUARDS.get() > 0
}

/// While it lives, a panic on this thread is answered for.
pub(crate) struct Answered(());

impl Answered {
    pub(crate) fn enter() -> Self {
        Self::begin();
        Self(())
    }

    /// For who has no room for a value of this type, and is to call [`end`](Self::end) itself.
    pub(crate) fn begin() {
        GUARDS.set(GUARDS.get() + 1);
    }

    pub(crate) fn end() {
        GUARDS.set(GUARDS.get() - 1);
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        Self::end();
    }
}

/// Drops a value; a panic in its destructor ends here.
#[expect(
    clippy::mem_forget,
    reason = "the one payload that cannot be dropped without panicking again"
)]
fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // A payload that panics when dropped would panic again here: leave it to the process.
        std::mem::forget(payload);
    }
}
