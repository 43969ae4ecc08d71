//! JSON-RPC 2.0 without a transport: bytes in, calls run, bytes out.
//!
//! | item | what it does |
//! |---|---|
//! | [`parse`](envelope::parse) | tells a message apart into calls; pure, one pass |
//! | [`Door`] | lets calls in by phase and number, and drains them |
//! | [`Gate`] | lets calls through by their tier, and by the application's filter |
//! | [`Calls`] | runs the calls of a message and writes the answers |
//! | [`Fault`], [`Refusal`] | what the server itself answers, with its codes |
//!
//! # Invariants
//!
//! - **INV-W1** Only broken JSON is a parse error. Everything else gets a verdict per envelope, and
//!   echoes the id if it could be read.
//! - **INV-W2** A notification that was understood is never answered, whatever becomes of it.
//! - **INV-W3** Answers stand in the order of their requests.
//! - **INV-W4** One permit of the door is one running call.

mod answer;
mod any;
mod calls;
mod door;
mod envelope;
mod fault;
mod gate;

pub(crate) use self::answer::one as answer_one;
pub(crate) use self::calls::{Calls, Reply};
pub(crate) use self::door::Door;
pub(crate) use self::fault::{Fault, Refusal};
pub(crate) use self::gate::{Filter, Gate};
