//! What can go wrong with providers, with their names.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::error::Panicked;

/// Any error at all.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// The result of a provider's hook.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with a provider.
///
/// A hook returns any error with `?`: it becomes [`Other`](Self::Other), and surfaces with the
/// phase and the provider's name. This type does not implement [`std::error::Error`] itself; it
/// converts into [`anyhow::Error`] and into [`BoxError`], and its text holds the source's.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A provider did not boot.
    Boot {
        /// The provider.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A provider does not fit together with the rest.
    Validate {
        /// The provider.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A provider could not be reloaded.
    Reload {
        /// The provider.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A provider's long work failed.
    Run {
        /// The provider.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A provider's long work ended early, and the service can go on without it.
    Recoverable {
        /// The provider; `""` until the error surfaces.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A provider did not shut down as it should.
    Shutdown {
        /// The provider.
        name: &'static str,
        /// Why.
        source: BoxError,
    },
    /// An error that has no name yet.
    Other(BoxError),
    /// Providers depend on one another in a circle.
    Cycle {
        /// The whole path; the last is the first again.
        path: Vec<&'static str>,
    },
    /// A provider requires one that is not registered.
    MissingDependency {
        /// The provider.
        name: &'static str,
        /// The type that it requires.
        dependency: &'static str,
    },
    /// A provider of this type, or of this name, is registered already.
    Duplicate {
        /// The name of the later one.
        name: &'static str,
    },
    /// The plan is made; no provider can be added.
    Frozen {
        /// The late provider.
        name: &'static str,
    },
    /// No provider has this name.
    Unknown {
        /// The name.
        name: String,
    },
    /// The provider cannot be reloaded.
    NotReloadable {
        /// The provider.
        name: &'static str,
    },
    /// The hook of a reload waits for a reload, which waits for the hook.
    WouldDeadlock,
    /// A hook took too long; its future was dropped.
    Timeout {
        /// The provider.
        name: &'static str,
        /// The hook.
        phase: Phase,
        /// How long it had.
        limit: Duration,
    },
    /// A hook panicked.
    Panicked {
        /// The provider.
        name: &'static str,
        /// The hook.
        phase: Phase,
        /// The panic.
        panic: Panicked,
    },
    /// A stop was requested, or a sibling has failed, before the provider was ready.
    Cancelled {
        /// The provider.
        name: &'static str,
    },
    /// The provider cannot do that.
    Unsupported,
    /// Several things went wrong; the first is the cause.
    Many(Vec<Self>),
}

/// The hook in which something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// [`Provider::boot`](crate::registry::Provider::boot).
    Boot,
    /// [`Provider::validate`](crate::registry::Provider::validate).
    Validate,
    /// The hooks of [`Reloadable`](crate::registry::Reloadable).
    Reload,
    /// [`Runnable::run`](crate::registry::Runnable::run).
    Run,
    /// [`Provider::shutdown`](crate::registry::Provider::shutdown).
    Shutdown,
}

impl Phase {
    const fn verb(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Validate => "validate",
            Self::Reload => "reload",
            Self::Run => "run",
            Self::Shutdown => "shut down",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}

impl Error {
    /// An error that is nothing but its text.
    #[must_use]
    pub fn msg(text: impl fmt::Display) -> Self {
        Self::Other(text.to_string().into())
    }

    /// An error of a runnable that the service can go on after. Its name is filled in where it
    /// surfaces.
    #[must_use]
    pub fn recoverable(text: impl fmt::Display) -> Self {
        let source = text.to_string().into();
        Self::Recoverable { name: "", source }
    }

    /// Any error, also one that `?` does not convert, such as [`anyhow::Error`].
    #[must_use]
    pub fn other(error: impl Into<BoxError>) -> Self {
        match error.into().downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(error) => Self::Other(error),
        }
    }

    /// The error of a hook, which may be one of these on its way.
    pub(crate) fn from_anyhow(error: anyhow::Error) -> Self {
        match error.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(error) => Self::Other(error.into()),
        }
    }

    /// Gives an error without a name the provider's, and the phase in which it surfaced.
    pub(super) fn surfaced(self, phase: Phase, name: &'static str) -> Self {
        match self {
            Self::Other(source) => match phase {
                Phase::Boot => Self::Boot { name, source },
                Phase::Validate => Self::Validate { name, source },
                Phase::Reload => Self::Reload { name, source },
                Phase::Run => Self::Run { name, source },
                Phase::Shutdown => Self::Shutdown { name, source },
            },
            Self::Recoverable { name: "", source } => Self::Recoverable { name, source },
            other => other,
        }
    }

    /// One error of several, of which there is at least one.
    pub(super) fn all(mut errors: Vec<Self>) -> Result<()> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.swap_remove(0)),
            _ => Err(Self::Many(errors)),
        }
    }

    /// The errors that this one stands for.
    pub(super) fn apart(self) -> Vec<Self> {
        match self {
            Self::Many(errors) => errors,
            one => vec![one],
        }
    }

    /// The same error once more, with the texts of its sources.
    pub(super) fn copy(&self) -> Self {
        let text = |source: &BoxError| BoxError::from(chain(&**source));
        match self {
            Self::Boot { name, source } => Self::Boot {
                name,
                source: text(source),
            },
            Self::Validate { name, source } => Self::Validate {
                name,
                source: text(source),
            },
            Self::Reload { name, source } => Self::Reload {
                name,
                source: text(source),
            },
            Self::Run { name, source } => Self::Run {
                name,
                source: text(source),
            },
            Self::Recoverable { name, source } => Self::Recoverable {
                name,
                source: text(source),
            },
            Self::Shutdown { name, source } => Self::Shutdown {
                name,
                source: text(source),
            },
            Self::Other(source) => Self::Other(text(source)),
            Self::Cycle { path } => Self::Cycle { path: path.clone() },
            Self::MissingDependency { name, dependency } => {
                Self::MissingDependency { name, dependency }
            }
            Self::Duplicate { name } => Self::Duplicate { name },
            Self::Frozen { name } => Self::Frozen { name },
            Self::Unknown { name } => Self::Unknown { name: name.clone() },
            Self::NotReloadable { name } => Self::NotReloadable { name },
            Self::WouldDeadlock => Self::WouldDeadlock,
            Self::Timeout { name, phase, limit } => Self::Timeout {
                name,
                phase: *phase,
                limit: *limit,
            },
            Self::Panicked { name, phase, panic } => Self::Panicked {
                name,
                phase: *phase,
                panic: panic.clone(),
            },
            Self::Cancelled { name } => Self::Cancelled { name },
            Self::Unsupported => Self::Unsupported,
            Self::Many(errors) => Self::Many(errors.iter().map(Self::copy).collect()),
        }
    }
}

/// An error with the texts of its sources.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = |f: &mut fmt::Formatter<'_>, name: &str, phase: Phase, source: &BoxError| {
            write!(f, "provider `{name}` did not {phase}: {}", chain(&**source))
        };
        match self {
            Self::Boot { name, source } => failed(f, name, Phase::Boot, source),
            Self::Validate { name, source } => failed(f, name, Phase::Validate, source),
            Self::Reload { name, source } => failed(f, name, Phase::Reload, source),
            Self::Run { name, source } => failed(f, name, Phase::Run, source),
            Self::Shutdown { name, source } => failed(f, name, Phase::Shutdown, source),
            Self::Recoverable { name, source } => {
                write!(f, "provider `{name}` ended early: {}", chain(&**source))
            }
            Self::Other(source) => f.write_str(&chain(&**source)),
            Self::Cycle { path } => {
                write!(f, "providers depend on one another: {}", path.join(" → "))
            }
            Self::MissingDependency { name, dependency } => write!(
                f,
                "provider `{name}` requires `{dependency}`, which is not registered; insert one or \
                 declare it optional"
            ),
            Self::Duplicate { name } => {
                write!(
                    f,
                    "provider `{name}` is registered already; the first one stays"
                )
            }
            Self::Frozen { name } => {
                write!(
                    f,
                    "provider `{name}` comes too late: the registry has been started"
                )
            }
            Self::Unknown { name } => write!(f, "no provider is named `{name}`"),
            Self::NotReloadable { name } => write!(f, "provider `{name}` cannot be reloaded"),
            Self::WouldDeadlock => f.write_str(
                "the hook of a reload cannot wait for a reload; ask the service's handle for one, \
                 which comes afterwards",
            ),
            Self::Timeout { name, phase, limit } => {
                write!(f, "provider `{name}` did not {phase} within {limit:?}")
            }
            Self::Panicked { name, phase, panic } => {
                write!(f, "provider `{name}` did not {phase}: {panic}")
            }
            Self::Cancelled { name } => {
                write!(f, "provider `{name}` was cancelled before it was ready")
            }
            Self::Unsupported => f.write_str("not supported"),
            Self::Many(errors) => {
                let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::other(error)
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        match error {
            Error::Other(source) => source,
            error => Box::new(Carried(error)),
        }
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Other(source) => Self::from_boxed(source),
            error => Self::new(Carried(error)),
        }
    }
}

/// An [`Error`] on its way through code that knows only [`std::error::Error`].
#[derive(Debug)]
struct Carried(Error);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// No source: the text holds it already.
impl StdError for Carried {}
