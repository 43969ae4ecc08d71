//! Ending the process from a thread that cannot wait for anyone.

/// Ends the process at once: no destructor, no exit handler.
#[cfg(unix)]
pub(crate) fn exit_now(code: i32) -> ! {
    signal_hook::low_level::exit(code)
}

/// Ends the process at once.
#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "a forced exit waits for no destructor, on purpose"
)]
#[expect(
    clippy::exit,
    reason = "a forced exit waits for no destructor, on purpose"
)]
pub(crate) fn exit_now(code: i32) -> ! {
    std::process::exit(code)
}
