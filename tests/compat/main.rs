//! Code as it was written against version 0.1 of the service core; it compiles and passes.
#![expect(clippy::unwrap_used, reason = "written as other people write tests")]
#![expect(
    clippy::clone_on_ref_ptr,
    reason = "written as other people write tests"
)]
#![expect(clippy::str_to_string, reason = "written as other people write tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "tokio::spawn is what other people call"
)]
#![expect(clippy::disallowed_types, reason = "the contract's time is std's")]

mod hooks;
mod surface;
mod tokens;
