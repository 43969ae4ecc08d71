//! Shutdown: the token that broadcasts it, the reasons for it, the status it ends with.
//!
//! | item | what it is |
//! |---|---|
//! | [`ShutdownToken`] | a cancellation that carries its reason; clones share one flip |
//! | [`ShutdownReason`] | why a stop was asked for |
//! | [`ExitReason`], [`ExitStatus`] | how the service ended |
//!
//! # Invariants
//!
//! - **INV-S1** Whoever sees a token cancelled can read its reason: the reason is recorded first,
//!   under a lock whose release happens before the flip is seen.
//! - **INV-S2** The first reason stays. A later `Fatal` does not change [`ShutdownToken::reason`],
//!   but it does change the exit status: severity may only rise.
//! - **INV-S3** A child inherits the cancellation and the reason of its parent; cancelling a child
//!   leaves the parent alone.

mod exit;
mod reason;
mod token;

pub use self::exit::{ExitReason, ExitStatus};
pub use self::reason::ShutdownReason;
pub use self::token::ShutdownToken;
