//! The exit codes.

use std::io;

use crate::error::{ExitCode, NotBooted, Panicked, Result, ServiceError};
use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason};

/// How an outcome becomes an exit code.
///
/// An error that carries an [`ExitCode`] decides for itself; failure is never 0. Beside these, a
/// forced exit by signal n is 128+n.
///
/// | outcome | `Simple` | `Sysexits` |
/// |---|---|---|
/// | completed, or asked to stop and clean | 0 | 0 |
/// | asked to be spawned again (`ReloadRequested`) | 0 | 75 |
/// | `run` failed, a panic, a `Fatal` stop | 1 | 70 |
/// | a start hook failed | 1 | 70, or by the cause: 77 permission, 73 address or lock taken |
/// | a provider did not boot | 1 | 69 |
/// | `on_stop` or `post_stop` failed | 1 | 74 |
/// | tasks outlasted the deadline | 1 | 124 |
///
/// # Examples
///
/// ```
/// use dig_service::{ExitCodes, ServiceError};
/// use std::sync::Arc;
///
/// let failed = Err(ServiceError::RunFailed(Arc::new(anyhow::anyhow!("disk gone"))));
/// assert_eq!(ExitCodes::Simple.code(&failed), 1);
/// assert_eq!(ExitCodes::Sysexits.code(&failed), 70);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitCodes {
    /// 0 when graceful, 1 otherwise.
    #[default]
    Simple,
    /// The codes of BSD's `sysexits.h`, which systemd and scripts can tell apart.
    Sysexits,
}

/// How a program ends that INT or TERM asked to stop, and that stopped cleanly (I55).
///
/// Any other end keeps its code: a stop that went wrong, a stop that nobody signalled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignalExit {
    /// With code 0: it did what it was asked.
    #[default]
    Zero,
    /// With code 128+n, as a shell reports a program that signal n has ended.
    Code,
    /// By the signal itself, so that a parent sees `WIFSIGNALED`. The exit report shows 128+n, and
    /// a first process, which its own signals cannot end, exits with it. Unix only; elsewhere as
    /// [`Code`](Self::Code).
    Reraise,
}

/// How the program's outcome becomes its exit code: by a table, or by a function of the user's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CodePolicy {
    pub(crate) codes: ExitCodes,
    pub(crate) custom: Option<fn(&Result<ExitStatus>) -> u8>,
    pub(crate) signal_exit: SignalExit,
}

impl CodePolicy {
    /// The code of an outcome; `asked_by` is the signal that asked for the stop, if one did.
    pub(crate) fn code(self, outcome: &Result<ExitStatus>, asked_by: Option<u8>) -> u8 {
        if let Some(code) = self.custom {
            return code(outcome);
        }
        match asked_by {
            Some(number) if self.signal_exit != SignalExit::Zero && was_asked(outcome) => {
                128_u8.saturating_add(number)
            }
            _ => self.codes.code(outcome),
        }
    }

    /// The signal that is to end the process, for the code that [`code`](Self::code) gave.
    pub(crate) fn reraised(self, code: u8, asked_by: Option<u8>) -> Option<u8> {
        let is_reraised = self.custom.is_none() && self.signal_exit == SignalExit::Reraise;
        asked_by.filter(|number| is_reraised && code == 128_u8.saturating_add(*number))
    }
}

/// Whether a stop that a user asked for went well.
fn was_asked(outcome: &Result<ExitStatus>) -> bool {
    let reason = outcome.as_ref().map(|status| &status.reason);
    matches!(
        reason,
        Ok(ExitReason::RequestedShutdown(ShutdownReason::UserRequested))
    )
}

const EX_UNAVAILABLE: u8 = 69;
const EX_SOFTWARE: u8 = 70;
const EX_CANTCREAT: u8 = 73;
const EX_IOERR: u8 = 74;
const EX_TEMPFAIL: u8 = 75;
const EX_NOPERM: u8 = 77;
/// What `timeout(1)` exits with.
const TIMED_OUT: u8 = 124;

impl ExitCodes {
    /// Returns the exit code of an outcome.
    #[must_use]
    pub fn code(self, outcome: &Result<ExitStatus>) -> u8 {
        if let Some(carried) = outcome_error(outcome).and_then(|e| e.downcast_ref::<ExitCode>()) {
            return carried.0.max(1);
        }
        match self {
            Self::Simple => u8::from(!matches!(outcome, Ok(status) if status.is_graceful())),
            Self::Sysexits => sysexit(outcome),
        }
    }
}

fn outcome_error(outcome: &Result<ExitStatus>) -> Option<&anyhow::Error> {
    match outcome {
        Ok(ExitStatus {
            reason: ExitReason::RunError(error),
        }) => Some(error),
        Ok(_) => None,
        Err(failure) => failure.error().map(AsRef::as_ref),
    }
}

fn sysexit(outcome: &Result<ExitStatus>) -> u8 {
    match outcome {
        Ok(status) => match &status.reason {
            ExitReason::RequestedShutdown(ShutdownReason::ReloadRequested) => EX_TEMPFAIL,
            _ if status.is_graceful() => 0,
            _ => EX_SOFTWARE,
        },
        Err(ServiceError::OnStartFailed(error)) if error.is::<NotBooted>() => EX_UNAVAILABLE,
        Err(ServiceError::PreStartFailed(error) | ServiceError::OnStartFailed(error)) => {
            by_cause(error)
        }
        Err(ServiceError::OnStopFailed(error)) if !has_panicked(error) => EX_IOERR,
        Err(ServiceError::ShutdownDeadlineExceeded { .. }) => TIMED_OUT,
        Err(_) => EX_SOFTWARE,
    }
}

fn has_panicked(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<Panicked>())
}

/// The first I/O error in the chain that has a code of its own.
fn by_cause(error: &anyhow::Error) -> u8 {
    let kinds = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    for kind in kinds.map(io::Error::kind) {
        match kind {
            io::ErrorKind::PermissionDenied => return EX_NOPERM,
            io::ErrorKind::AddrInUse | io::ErrorKind::ResourceBusy => return EX_CANTCREAT,
            _ => {}
        }
    }
    EX_SOFTWARE
}

#[cfg(test)]
mod tests;
