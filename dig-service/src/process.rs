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

/// Ends the process by a signal's default action; with 128+n where that cannot be.
#[cfg(unix)]
pub(crate) fn end_by_signal(number: i32) -> ! {
    // PID 1 cannot be ended by a signal of its own, and would be aborted.
    if std::process::id() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(number);
    }
    exit_now(128 + number)
}

/// Ends the process as if by a signal: with 128+n.
#[cfg(not(unix))]
pub(crate) fn end_by_signal(number: i32) -> ! {
    exit_now(128 + number)
}

/// Marks the child of an init of ours: the init's process id.
#[cfg(unix)]
pub(crate) const INIT_MARK: &str = "DIG_SERVICE_INIT";

/// Whether an init of ours has started this process.
#[cfg(all(unix, feature = "init"))]
pub(crate) fn is_child_of_init() -> bool {
    marked_parent() == Some(std::os::unix::process::parent_id())
}

/// Whether this process does the work of a container's first process: it is PID 1, or the child of
/// an init of ours that is.
pub(crate) fn is_first_of_container() -> bool {
    #[cfg(unix)]
    let is_child = marked_parent() == Some(1) && std::os::unix::process::parent_id() == 1;
    #[cfg(not(unix))]
    let is_child = false;
    std::process::id() == 1 || is_child
}

/// Inherited by the children of the child as well, for whom it means nothing: their parent is not
/// the one it names.
#[cfg(unix)]
fn marked_parent() -> Option<u32> {
    std::env::var(INIT_MARK).ok()?.parse().ok()
}
