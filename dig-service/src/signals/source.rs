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
    use tokio::time::Instant;

    use crate::process::{end_by_signal, exit_now};
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
            let runs = STAGE.runs();
            let action = counter.decide(began.elapsed(), signal, runs);
            STAGE.note(u8::try_from(number).unwrap_or(0), runs, action);
            // Nothing is logged here: a subscriber that is stuck must not take the signals away.
            let then = STAGE.act(action);
            STAGE.tell(name_of(number), action);
            match then {
                Then::Nothing => {}
                Then::DefaultAction => end_by_signal(number),
                Then::Exit => exit_now(128 + number),
            }
        }
    }

    fn name_of(number: i32) -> &'static str {
        signal_hook::low_level::signal_name(number).unwrap_or("unknown")
    }
}

#[cfg(windows)]
mod system {
    use std::io;

    use tokio::runtime::{Builder, Runtime};
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
        ctrl_logoff, ctrl_shutdown,
    };
    use tokio::time::Instant;

    use crate::process::exit_now;
    use crate::signals::STAGE;
    use crate::signals::policy::{Counter, Signal};
    use crate::signals::stage::Then;

    /// The number of an interrupt in exit codes, as on Unix.
    const INTERRUPT: u8 = 2;

    /// The events that ask a console program to stop; all of them count as INT.
    struct Events {
        interrupt: CtrlC,
        interrupt_hard: CtrlBreak,
        close: CtrlClose,
        logoff: CtrlLogoff,
        shutdown: CtrlShutdown,
    }

    impl Events {
        fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                interrupt_hard: ctrl_break()?,
                close: ctrl_close()?,
                logoff: ctrl_logoff()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        async fn next(&mut self) -> Option<()> {
            tokio::select! {
                event = self.interrupt.recv() => event,
                event = self.interrupt_hard.recv() => event,
                event = self.close.recv() => event,
                event = self.logoff.recv() => event,
                event = self.shutdown.recv() => event,
            }
        }
    }

    pub(super) fn prepare() -> io::Result<impl FnOnce() + Send + 'static> {
        // A runtime of the thread's own: the program's may be stuck.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let events = runtime.block_on(async { Events::new() })?;
        Ok(move || watch(&runtime, events))
    }

    fn watch(runtime: &Runtime, mut events: Events) {
        let began = Instant::now();
        let mut counter = Counter::default();
        while runtime.block_on(events.next()).is_some() {
            let runs = STAGE.runs();
            let action = counter.decide(began.elapsed(), Signal::Stop, runs);
            STAGE.note(INTERRUPT, runs, action);
            let then = STAGE.act(action);
            STAGE.tell("interrupt", action);
            match then {
                Then::Nothing => {}
                Then::DefaultAction | Then::Exit => exit_now(128 + i32::from(INTERRUPT)),
            }
        }
    }
}

#[cfg(not(any(unix, windows)))]
mod system {
    use std::io;

    /// There are no signals here.
    pub(super) fn prepare() -> io::Result<impl FnOnce() + Send + 'static> {
        Ok(|| {})
    }
}
