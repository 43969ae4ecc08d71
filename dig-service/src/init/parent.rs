//! The parent: forwards signals, reaps, and ends as its child does.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;

use crate::init::When;
use crate::process::INIT_MARK;

/// The code for an operating system that refuses, by the table of `Sysexits`.
const EX_OSERR: u8 = 71;
const FORWARDED: [i32; 6] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2];

/// Lives as init until the child has ended.
pub(super) fn live(when: When) -> ExitCode {
    let lived = start(when).and_then(|(child, signals)| follow(child, signals));
    lived.unwrap_or_else(|error| {
        // A closed stderr is no reason for anything.
        let _ = writeln!(
            io::stderr(),
            "error: cannot run as init\n  caused by: {error}"
        );
        ExitCode::from(EX_OSERR)
    })
}

fn start(when: When) -> io::Result<(Pid, Signals)> {
    // Handlers first: a signal that comes before the child is kept for it (I7).
    let signals = Signals::new(FORWARDED.iter().chain([&SIGCHLD]))?;
    if when == When::Always {
        adopt_orphans()?;
    }
    let mut arguments = std::env::args_os();
    let mut command = Command::new(std::env::current_exe()?);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments);
    command.env(INIT_MARK, std::process::id().to_string());
    // Never waited for by its handle, whose drop does not wait either: `reap` does.
    let child = Pid::from_child(&command.spawn()?);
    Ok((child, signals))
}

#[cfg(target_os = "linux")]
fn adopt_orphans() -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(Into::into)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "one shape with Linux")]
const fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

fn follow(child: Pid, mut signals: Signals) -> io::Result<ExitCode> {
    for number in signals.forever() {
        if number == SIGCHLD {
            if let Some(status) = reap(child)? {
                return Ok(code(status));
            }
        } else if let Some(signal) = Signal::from_named_raw(number) {
            // A child that has just ended is reaped next.
            let _ = kill_process(child, signal);
        }
    }
    Err(io::Error::other("no signal can come any more"))
}

/// Takes in everybody who has ended; gives how the child did, if it is among them.
fn reap(child: Pid) -> io::Result<Option<WaitStatus>> {
    let mut ended = None;
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == child => ended = Some(status),
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(ended),
            Err(error) => return Err(error.into()),
        }
    }
}

fn code(status: WaitStatus) -> ExitCode {
    let code = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => i32::from(EX_OSERR),
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
