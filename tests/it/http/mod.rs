//! The JSON-RPC server, seen from a socket: real services on loopback, a client written by hand.
//!
//! Where a timeout is the subject, the clock is paused: loopback needs no time, so it advances only
//! when both sides wait.

#![expect(clippy::expect_used, reason = "helpers of tests may stop the test")]

mod browser;
mod calls;
mod client;
mod hooks;
mod lifecycle;
mod limits;
mod node;
mod pages;
mod specification;
mod tiers;

/// Asserts on status and error code at once: the two sides of every refusal.
#[track_caller]
fn assert_refused(response: &client::Response, status: u16, code: i64) {
    assert_eq!((response.status, response.code()), (status, code));
}
