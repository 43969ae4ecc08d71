//! How a call ends.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use dig_service::dashboard::ClientError;

/// Why a call did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The service did not do it.
    Undone(String),
    /// The call itself is wrong, or was not confirmed.
    Usage(String),
    /// The socket cannot be reached.
    Unreachable(String),
    /// The socket refused the request.
    Refused(String),
    /// Nobody reads what is printed any more, as behind `| head`.
    Deaf,
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Deaf => 0,
            Self::Undone(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Refused(_) => 4,
        })
    }

    /// Says it on stderr.
    pub(crate) fn tell(&self) {
        if !matches!(self, Self::Deaf) {
            // Nobody is left to be told.
            let _ = writeln!(io::stderr(), "digctl: {self}");
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undone(what)
            | Self::Usage(what)
            | Self::Unreachable(what)
            | Self::Refused(what) => f.write_str(what),
            Self::Deaf => f.write_str("nobody reads"),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(refused) => Self::Refused(refused.to_string()),
            ClientError::Io(error) => {
                Self::Unreachable(format!("cannot talk to the service: {error}"))
            }
            other => Self::Unreachable(other.to_string()),
        }
    }
}

/// Of the terminal or of standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Deaf,
            _ => Self::Undone(error.to_string()),
        }
    }
}
