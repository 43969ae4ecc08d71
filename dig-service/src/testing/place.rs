//! Where something can go wrong.

use std::fmt;
use std::str::FromStr;

/// A place at which a [`Fault`](crate::testing::Fault) can be put.
///
/// # Examples
///
/// ```
/// use dig_service::testing::Place;
///
/// assert_eq!("on_stop".parse(), Ok(Place::OnStop));
/// assert_eq!(Place::BlockingTask.to_string(), "blocking_task");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// The hook `pre_start`.
    PreStart,
    /// The hook `on_start`.
    OnStart,
    /// The hook `run`.
    Run,
    /// The hook `on_stop`.
    OnStop,
    /// The hook `post_stop`.
    PostStop,
    /// A task that `on_start` spawns.
    Task,
    /// A blocking task that `on_start` spawns.
    BlockingTask,
}

impl Place {
    /// Every place, in the order of a life.
    pub const ALL: [Self; 7] = [
        Self::PreStart,
        Self::OnStart,
        Self::Run,
        Self::OnStop,
        Self::PostStop,
        Self::Task,
        Self::BlockingTask,
    ];

    /// Returns the name, in `snake_case`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::PreStart => "pre_start",
            Self::OnStart => "on_start",
            Self::Run => "run",
            Self::OnStop => "on_stop",
            Self::PostStop => "post_stop",
            Self::Task => "task",
            Self::BlockingTask => "blocking_task",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl FromStr for Place {
    type Err = UnknownPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|place| place.label() == text);
        known.ok_or_else(|| UnknownPlace(text.to_owned()))
    }
}

/// A text that names no [`Place`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no place is called `{0}`; there are pre_start, on_start, run, on_stop, post_stop, task, \
     blocking_task"
)]
pub struct UnknownPlace(String);
