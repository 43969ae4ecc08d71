//! The exit code that an error carries.

use std::fmt;

/// An exit code that travels inside an error, as an `anyhow` context.
///
/// `#[dig_main]` and the exit-code policies look for it first. A code of 0 on an error is read as 1:
/// failure is never 0.
///
/// # Examples
///
/// ```
/// use anyhow::Context;
/// use dig_service::ExitCode;
///
/// let parsed: anyhow::Result<u16> = "no port".parse::<u16>().context(ExitCode(78));
/// let error = parsed.unwrap_err();
/// assert_eq!(error.downcast_ref::<ExitCode>(), Some(&ExitCode(78)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitCode(pub u8);

impl fmt::Display for ExitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}", self.0)
    }
}

/// The context of an error that kept the providers from booting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotBooted;

impl fmt::Display for NotBooted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the providers did not boot")
    }
}
