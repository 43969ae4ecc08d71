//! Where signals come from: a thread of their own.

use std::io;
use std::thread;

use crate::signals::Stage;

/// Installs the handlers and starts the thread that acts on the signals.
///
/// # Errors
///
/// The operating system refuses a handler or the thread.
#[cfg(unix)]
pub(crate) fn install(stage: Stage) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    spawn(move || unix::watch(signals, &stage))
}

/// Installs the handler of Ctrl-C and starts the thread that acts on it.
///
/// # Errors
///
/// The operating system refuses the handler or the thread.
#[cfg(not(unix))]
pub(crate) fn install(stage: Stage) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    spawn(move || other::watch(&runtime, &stage))
}

fn spawn(watch: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // Never joined: the thread lives as long as the process, so that a signal always finds it.
    let thread = thread::Builder::new().name("dig-signals".to_owned());
    thread.spawn(watch).map(drop)
}

/// A monotonic time, of which only differences count.
fn monotonic(began: tokio::time::Instant) -> std::time::Duration {
    began.elapsed()
}

#[cfg(unix)]
mod unix {
    use signal_hook::consts::SIGHUP;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, exit};
    use tokio::time::Instant;

    use super::monotonic;
    use crate::signals::Stage;
    use crate::signals::policy::{Counter, Signal};
    use crate::signals::stage::Then;

    pub(super) fn watch(mut signals: Signals, stage: &Stage) {
        let began = Instant::now();
        let mut counter = Counter::default();
        for number in signals.forever() {
            let signal = match number {
                SIGHUP => Signal::Hangup(number),
                _ => Signal::Stop(number),
            };
            let action = counter.decide(monotonic(began), signal, stage.runs());
            tracing::debug!(signal = number, ?action, "signal");
            match stage.act(action) {
                Then::Nothing => {}
                Then::DefaultAction => {
                    // Ends the process by this signal; should it not, say so by the code.
                    let _ = emulate_default_handler(signal.number());
                    exit(128 + number);
                }
                Then::Exit => {
                    tracing::error!(signal = number, "forced exit");
                    exit(128 + number);
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use tokio::runtime::Runtime;
    use tokio::time::Instant;

    use super::monotonic;
    use crate::signals::Stage;
    use crate::signals::policy::{Counter, Signal};
    use crate::signals::stage::Then;

    /// The number of Ctrl-C in exit codes, as on Unix.
    const INTERRUPT: i32 = 2;

    pub(super) fn watch(runtime: &Runtime, stage: &Stage) {
        let began = Instant::now();
        let mut counter = Counter::default();
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let signal = Signal::Stop(INTERRUPT);
            let action = counter.decide(monotonic(began), signal, stage.runs());
            match stage.act(action) {
                Then::Nothing => {}
                Then::DefaultAction | Then::Exit => exit(128 + signal.number()),
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a forced exit runs no destructor, on purpose"
    )]
    #[expect(clippy::exit, reason = "a forced exit runs no destructor, on purpose")]
    fn exit(code: i32) -> ! {
        std::process::exit(code)
    }
}
