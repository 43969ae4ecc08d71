//! Being PID 1; feature `init`.
//!
//! The first process of a container has two duties that no other process has: it inherits every
//! orphan and must reap it, and a signal that it does not handle is dropped. A program under
//! [`#[dig_main]`](macro@crate::dig_main) handles its signals, so a service that starts no children
//! needs nothing from here. One that does, and is not started with `docker run --init` or the like,
//! puts [`run_as_init`] around its program.
//!
//! ```no_run
//! # use dig_service::prelude::*;
//! # struct Node;
//! # impl NodeLifecycle for Node {}
//! use std::process::ExitCode;
//!
//! use dig_service::init::{self, When};
//!
//! fn main() -> ExitCode {
//!     init::run_as_init(When::PidOne, program)
//! }
//!
//! #[dig_service::dig_main]
//! async fn program() -> impl MainOutput {
//!     Service::builder(Node)
//! }
//! ```
//!
//! As PID 1 the process starts itself once more, as its child, with the same arguments; only the
//! child runs the program. The parent:
//!
//! - forwards TERM, INT, HUP, QUIT, USR1 and USR2 to the child;
//! - reaps whatever is re-parented to it;
//! - ends with the child's exit code, or 128 + n if signal n ended it. The kernel then ends what is
//!   left in the container.
//!
//! Two processes, as a wait for any child inside the program would take the exits away from
//! `tokio::process` and `std::process`. The environment is inherited, so the child's children see
//! the mark `DIG_SERVICE_INIT`; it means something to a direct child of the process it names only.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod parent;
mod run;

pub use self::run::{When, run_as_init};
