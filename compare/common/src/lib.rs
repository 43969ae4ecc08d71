//! What every contestant does, so that their programs hold only what the framework asks for.
//!
//! `drive` reads the lines: `ready`, `dropped`, `closed`.

use std::io::Write;
use std::time::Duration;

/// How long a task that was told to stop may go on.
pub const GRACE: Duration = Duration::from_secs(2);

/// What the program was told to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Idle,
    /// The task ignores the stop.
    Stubborn,
    /// The task panics after 200 ms.
    Panic,
    /// The stop handler of the task blocks its thread for ever.
    Stuck,
    /// The last step of the program blocks its thread for ever.
    Hang,
}

impl Mode {
    /// Reads the first argument.
    #[must_use]
    pub fn from_args() -> Self {
        match std::env::args().nth(1).as_deref() {
            Some("stubborn") => Self::Stubborn,
            Some("panic") => Self::Panic,
            Some("stuck") => Self::Stuck,
            Some("hang") => Self::Hang,
            _ => Self::Idle,
        }
    }

    /// Whether the task ignores the stop.
    #[must_use]
    pub fn is_stubborn(self) -> bool {
        self == Self::Stubborn
    }

    /// What the task does first; it holds the guard until it is over.
    pub fn begin(self) -> Guard {
        say("ready");
        Guard
    }

    /// What the task does until it is told to stop.
    pub async fn tick(self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(self != Self::Panic, "told to panic");
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the task does when it is told to stop.
    pub fn stop(self) {
        block_if(self == Self::Stuck);
    }

    /// The last step of the program, when every task is over: a flush, say.
    pub fn close(self) {
        block_if(self == Self::Hang);
        say("closed");
    }
}

/// Tells that the task's destructors have run.
#[must_use]
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        say("dropped");
    }
}

fn block_if(is_blocked: bool) {
    if is_blocked {
        loop {
            std::thread::park();
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
