//! What `#[dig_main(..)]` was told.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::control::{CodePolicy, ExitCodes, SignalExit};
use crate::error::Result;
use crate::shutdown::ExitStatus;

type Code = fn(&Result<ExitStatus>) -> u8;

/// The settings of a program, as `#[dig_main(..)]` writes them.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct MainConfig {
    is_current_thread: bool,
    worker_threads: Option<usize>,
    runtime: Option<fn() -> Builder>,
    pub(super) has_signals: bool,
    pub(super) shutdown_timeout: Duration,
    policy: CodePolicy,
}

impl MainConfig {
    /// Makes the settings of a bare `#[dig_main]`.
    #[expect(clippy::new_without_default, reason = "made in const context only")]
    pub const fn new() -> Self {
        Self {
            is_current_thread: false,
            worker_threads: None,
            runtime: None,
            has_signals: true,
            shutdown_timeout: Duration::from_secs(1),
            policy: CodePolicy {
                codes: ExitCodes::Simple,
                custom: None,
                signal_exit: SignalExit::Zero,
            },
        }
    }

    /// Runs everything on one thread.
    pub const fn current_thread(mut self) -> Self {
        self.is_current_thread = true;
        self
    }

    /// Sets the number of worker threads; by default tokio's.
    pub const fn worker_threads(mut self, count: usize) -> Self {
        self.worker_threads = Some(count);
        self
    }

    /// Takes the runtime's builder from a function.
    pub const fn runtime(mut self, make: fn() -> Builder) -> Self {
        self.runtime = Some(make);
        self
    }

    /// Installs no signal handlers.
    pub const fn no_signals(mut self) -> Self {
        self.has_signals = false;
        self
    }

    /// Bounds the end of the runtime after the service is over; 1 s by default. Blocking work that
    /// is left then is left behind.
    pub const fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Chooses a table of exit codes.
    pub const fn exit_codes(mut self, codes: ExitCodes) -> Self {
        self.policy.codes = codes;
        self
    }

    /// Lets a function choose the exit code.
    pub const fn exit_code(mut self, code: Code) -> Self {
        self.policy.custom = Some(code);
        self
    }

    /// Chooses how the program ends after a clean stop that INT or TERM asked for.
    pub const fn signal_exit(mut self, how: SignalExit) -> Self {
        self.policy.signal_exit = how;
        self
    }

    pub(super) fn build_runtime(&self) -> io::Result<Runtime> {
        let mut builder = match self.runtime {
            Some(make) => make(),
            None if self.is_current_thread => Builder::new_current_thread(),
            None => Builder::new_multi_thread(),
        };
        if let Some(count) = self.worker_threads {
            builder.worker_threads(count);
        }
        builder.enable_all().build()
    }

    pub(super) const fn policy(&self) -> CodePolicy {
        self.policy
    }
}
