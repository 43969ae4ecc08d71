//! What can go wrong.

use std::fmt;
use std::str::FromStr;

/// What goes wrong at a [`Place`](crate::testing::Place).
///
/// # Examples
///
/// ```
/// use dig_service::testing::Fault;
///
/// assert_eq!("slow_drop".parse(), Ok(Fault::SlowDrop));
/// assert_eq!("error".parse(), Ok(Fault::Error));
/// assert_eq!(Fault::Error.to_string(), "err");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Returns an error.
    Error,
    /// Panics.
    Panic,
    /// Waits for ever, and yields.
    Hang,
    /// Blocks its thread for ever.
    Block,
    /// Goes on working in small steps, without a look at the token.
    IgnoreToken,
    /// Waits for ever; when its future is dropped, a destructor takes its time
    /// ([`FaultPlan::drop_time`](crate::testing::FaultPlan::drop_time)).
    SlowDrop,
    /// Waits until a stop is requested, spawns a task, and goes on as if nothing were wrong.
    SpawnLate,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::Error,
        Self::Panic,
        Self::Hang,
        Self::Block,
        Self::IgnoreToken,
        Self::SlowDrop,
        Self::SpawnLate,
    ];

    /// Returns the name, in `snake_case`; [`Error`](Self::Error) is `err`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Error => "err",
            Self::Panic => "panic",
            Self::Hang => "hang",
            Self::Block => "block",
            Self::IgnoreToken => "ignore_token",
            Self::SlowDrop => "slow_drop",
            Self::SpawnLate => "spawn_late",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "error" {
            return Ok(Self::Error);
        }
        let known = Self::ALL.into_iter().find(|fault| fault.label() == text);
        known.ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

/// A text that names no [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no fault is called `{0}`; there are err, panic, hang, block, ignore_token, slow_drop, \
     spawn_late"
)]
pub struct UnknownFault(String);
