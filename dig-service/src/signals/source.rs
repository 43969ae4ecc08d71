//! Where signals come from: a thread of their own.

use std::io;
use std::thread;

/// Installs the handlers and starts the thread that acts on the signals.
///
/// # Errors
///
/// The operating system refuses a handler or the thread.
pub(crate) fn install() -> io::Result<()> {
    let watch = system::prepare()?;
    // Never joined: the thread lives as long as the process, so that a signal always finds it.
    let thread = thread::Builder::new().name("dig-signals".to_owned());
    thread.spawn(watch).map(drop)
}

#[cfg(unix)]
mod system {
    use std::io;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use tokio::time::Instant;

    use crate::process::exit_now;
    use crate::signals::STAGE;
    use crate::signals::policy::{Counter, Signal};
    use crate::signals::stage::Then;

    pub(super) fn prepare() -> io::Result<impl FnOnce() + Send + 'static> {
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT])?;
        Ok(move || watch(signals))
    }

    fn watch(mut signals: Signals) {
        let began = Instant::now();
        let mut counter = Counter::default();
        for number in signals.forever() {
            let signal = match number {
                SIGHUP => Signal::Hangup,
                SIGQUIT => Signal::Quit,
                _ => Signal::Stop,
            };
            let action = counter.decide(began.elapsed(), signal, STAGE.runs());
            // Nothing is logged here: a subscriber that is stuck must not take the signals away.
            match STAGE.act(action) {
                Then::Nothing => {}
                Then::DefaultAction => {
                    // Ends the process by this signal; should it not, say so by the code.
                    let _ = emulate_default_handler(number);
                    exit_now(128 + number);
                }
                Then::Exit => exit_now(128 + number),
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    use tokio::runtime::{Builder, Runtime};
    use tokio::time::Instant;

    use crate::process::exit_now;
    use crate::signals::STAGE;
    use crate::signals::policy::{Counter, Signal};
    use crate::signals::stage::Then;

    /// The number of Ctrl-C in exit codes, as on Unix.
    const INTERRUPT: i32 = 2;

    pub(super) fn prepare() -> io::Result<impl FnOnce() + Send + 'static> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(move || watch(&runtime))
    }

    fn watch(runtime: &Runtime) {
        let began = Instant::now();
        let mut counter = Counter::default();
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let action = counter.decide(began.elapsed(), Signal::Stop, STAGE.runs());
            match STAGE.act(action) {
                Then::Nothing => {}
                Then::DefaultAction | Then::Exit => exit_now(128 + INTERRUPT),
            }
        }
    }
}
