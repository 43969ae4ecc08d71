//! Typed clients: what comes in is what the method returned, whatever carries it.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    clippy::unused_self,
    clippy::unwrap_used,
    reason = "methods of tests have the signatures that are tested, and helpers may stop the test"
)]

mod defaults;
mod http;
mod local;
mod node;
mod numbers;
