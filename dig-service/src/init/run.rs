//! Which of the two a process is.

use std::process::{ExitCode, Termination};

/// When a process is to be init.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// As PID 1: the first process of a container.
    PidOne,
    /// Always. On Linux orphans of the program come to it then, whatever its PID, as it becomes
    /// their subreaper.
    Always,
}

/// Runs a program, and around it, if this process is to be init, a parent that forwards signals
/// and reaps orphans.
///
/// Call it first of all, on the main thread, before any other thread is started. In the parent
/// `program` is never called. On systems other than Unix this only calls `program`.
///
/// If the parent cannot install its signal handlers or cannot start the child, it says so on stderr
/// and returns 71.
pub fn run_as_init<T: Termination>(when: When, program: impl FnOnce() -> T) -> ExitCode {
    #[cfg(unix)]
    {
        use crate::init::{child, parent};
        use crate::process::is_child_of_init;

        if is_child_of_init() {
            child::follow_its_parent();
        } else if when == When::Always || std::process::id() == 1 {
            return parent::live(when);
        }
    }
    #[cfg(not(unix))]
    let _ = when;
    program().report()
}
