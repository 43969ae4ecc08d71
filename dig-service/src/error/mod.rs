//! The errors of a service's life, and the panics that were caught on the way.

pub(crate) mod capture;
mod code;
mod finished;
mod guarded;
mod panicked;
mod service;

pub use self::code::ExitCode;
pub(crate) use self::code::NotBooted;
pub(crate) use self::finished::Finished;
pub(crate) use self::guarded::{BoxFuture, Guarded};
pub use self::panicked::Panicked;
#[cfg(feature = "structured-panic")]
pub(crate) use self::panicked::is_guarded;
pub(crate) use self::panicked::{Answered, guard, shown};
pub use self::service::{Result, ServiceError};
