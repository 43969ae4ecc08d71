//! Whether work that ended is started again.

use std::fmt;
use std::str::FromStr;

/// After which ends a supervised child is started again.
///
/// A stop request disables all restarts first.
///
/// # Examples
///
/// ```
/// use dig_service::supervisor::RestartPolicy;
///
/// assert_eq!(RestartPolicy::default(), RestartPolicy::OnFailure);
/// assert_eq!("always".parse(), Ok(RestartPolicy::Always));
/// assert_eq!(RestartPolicy::Never.to_string(), "never");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// After every end: `Ok`, `Err` and panic.
    Always,
    /// After `Err` and panic; `Ok` means that the work is done.
    #[default]
    OnFailure,
    /// After no end.
    Never,
}

impl RestartPolicy {
    const ALL: [Self; 3] = [Self::Always, Self::OnFailure, Self::Never];

    /// Returns the policy's name: `always`, `on_failure` or `never`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnFailure => "on_failure",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for RestartPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for RestartPolicy {
    type Err = ParseRestartPolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|policy| policy.label() == text);
        found.ok_or_else(|| ParseRestartPolicyError(text.to_owned()))
    }
}

/// A text that names no restart policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown restart policy `{0}`; use `always`, `on_failure` or `never`")]
pub struct ParseRestartPolicyError(String);

#[cfg(test)]
mod tests;
