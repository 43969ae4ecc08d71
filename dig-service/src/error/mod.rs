//! The errors of a service's life, and the panics that were caught on the way.

mod code;
mod guarded;
mod panicked;
mod service;

pub use self::code::ExitCode;
pub(crate) use self::guarded::{BoxFuture, Guarded};
pub use self::panicked::Panicked;
pub(crate) use self::panicked::guard;
pub use self::service::{Result, ServiceError};
