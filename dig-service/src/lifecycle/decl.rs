//! The work that a node declares beside its hooks: periodic, supervised, and on a reload.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::decl::{MissedTick, OnError, OnGiveUp, RestartPolicy};
use crate::error::BoxFuture;
use crate::tasks::{TaskContext, TaskKind};

/// Makes one attempt, or one round.
pub(crate) type TaskWork<N> = fn(Arc<N>, TaskContext) -> BoxFuture<'static, anyhow::Result<()>>;

/// A child that a node declares with `#[task]` or `#[supervised]`: it runs while the node does.
///
/// Written by [`node`](crate::node); by hand in an implementation of
/// [`NodeLifecycle::tasks`](crate::NodeLifecycle::tasks).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::{NodeLifecycle, TaskDecl, TaskKind};
///
/// struct Node;
///
/// #[async_trait::async_trait]
/// impl NodeLifecycle for Node {
///     fn tasks() -> &'static [TaskDecl<Self>] {
///         const {
///             &[TaskDecl::every("gc", Duration::from_secs(60), |_node, _cx| {
///                 Box::pin(async { Ok(()) })
///             })
///             .kind(TaskKind::Maintenance)]
///         }
///     }
/// }
///
/// assert_eq!(Node::tasks()[0].name(), "gc");
/// ```
#[must_use]
pub struct TaskDecl<N> {
    pub(crate) name: &'static str,
    pub(crate) kind: TaskKind,
    pub(crate) work: TaskWork<N>,
    pub(crate) shape: TaskShape<N>,
    pub(crate) place: &'static Location<'static>,
}

/// What kind of child it is.
pub(crate) enum TaskShape<N> {
    Periodic(Rounds<N>),
    Supervised(Rule),
}

/// When rounds begin.
pub(crate) struct Rounds<N> {
    pub(crate) every: Every<N>,
    pub(crate) initial_delay: Option<Duration>,
    pub(crate) jitter: f64,
    pub(crate) missed: MissedTick,
    pub(crate) on_error: OnError,
}

/// Where the length of a period comes from.
pub(crate) enum Every<N> {
    Fixed(Duration),
    Asked(fn(&N) -> Duration),
}

/// When attempts follow one another.
pub(crate) struct Rule {
    pub(crate) restart: RestartPolicy,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) max_restarts: Option<(u32, Duration)>,
    pub(crate) on_give_up: OnGiveUp,
}

impl<N> TaskDecl<N> {
    /// Declares rounds of work; the first begins after one period.
    #[track_caller]
    pub const fn every(name: &'static str, every: Duration, work: TaskWork<N>) -> Self {
        Self::rounds(name, Every::Fixed(every), work)
    }

    /// Declares rounds of work whose period is asked for, at the start and after each reload.
    #[track_caller]
    pub const fn asked(name: &'static str, every: fn(&N) -> Duration, work: TaskWork<N>) -> Self {
        Self::rounds(name, Every::Asked(every), work)
    }

    #[track_caller]
    const fn rounds(name: &'static str, every: Every<N>, work: TaskWork<N>) -> Self {
        Self {
            name,
            kind: TaskKind::Maintenance,
            work,
            shape: TaskShape::Periodic(Rounds {
                every,
                initial_delay: None,
                jitter: 0.0,
                missed: MissedTick::Skip,
                on_error: OnError::Log,
            }),
            place: Location::caller(),
        }
    }

    /// Declares work that is started again when it ends.
    #[track_caller]
    pub const fn supervised(name: &'static str, restart: RestartPolicy, work: TaskWork<N>) -> Self {
        Self {
            name,
            kind: TaskKind::BackgroundLoop,
            work,
            shape: TaskShape::Supervised(Rule {
                restart,
                backoff: None,
                max_restarts: None,
                on_give_up: OnGiveUp::Escalate,
            }),
            place: Location::caller(),
        }
    }

    /// Returns the name of the child.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Sets what its task is shown as in listings.
    pub const fn kind(mut self, kind: TaskKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets when the first round begins. Means nothing for supervised work.
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        if let TaskShape::Periodic(rounds) = &mut self.shape {
            rounds.initial_delay = Some(delay);
        }
        self
    }

    /// Sets by which part of the period, from 0 to 1, a round may begin later. Means nothing for
    /// supervised work.
    pub const fn jitter(mut self, jitter: f64) -> Self {
        if let TaskShape::Periodic(rounds) = &mut self.shape {
            rounds.jitter = jitter;
        }
        self
    }

    /// Sets what becomes of missed rounds. Means nothing for supervised work.
    pub const fn missed(mut self, missed: MissedTick) -> Self {
        if let TaskShape::Periodic(rounds) = &mut self.shape {
            rounds.missed = missed;
        }
        self
    }

    /// Sets what follows a round that fails; [`OnError::Fail`] stops the service with `Fatal`.
    /// Means nothing for supervised work.
    pub const fn on_error(mut self, on_error: OnError) -> Self {
        if let TaskShape::Periodic(rounds) = &mut self.shape {
            rounds.on_error = on_error;
        }
        self
    }

    /// Sets the first and the longest delay before a restart. Means nothing for periodic work.
    pub const fn backoff(mut self, base: Duration, max: Duration) -> Self {
        if let TaskShape::Supervised(rule) = &mut self.shape {
            rule.backoff = Some((base, max));
        }
        self
    }

    /// Sets how many restarts are allowed within which window. Means nothing for periodic work.
    pub const fn max_restarts(mut self, max: u32, within: Duration) -> Self {
        if let TaskShape::Supervised(rule) = &mut self.shape {
            rule.max_restarts = Some((max, within));
        }
        self
    }

    /// Sets what follows one restart too many. Means nothing for periodic work.
    pub const fn give_up(mut self, on_give_up: OnGiveUp) -> Self {
        if let TaskShape::Supervised(rule) = &mut self.shape {
            rule.on_give_up = on_give_up;
        }
        self
    }
}

impl<N> fmt::Debug for TaskDecl<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskDecl")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Applies a reload.
pub(crate) type ReloadWork<N> = for<'a> fn(&'a N) -> BoxFuture<'a, anyhow::Result<()>>;

/// What a node does on a reload, declared with `#[reload]`.
///
/// Written by [`node`](crate::node); by hand in an implementation of
/// [`NodeLifecycle::reloads`](crate::NodeLifecycle::reloads).
#[must_use]
pub struct ReloadDecl<N> {
    pub(crate) name: &'static str,
    pub(crate) order: i32,
    pub(crate) work: ReloadWork<N>,
}

impl<N> ReloadDecl<N> {
    /// Declares a step of the reload; those of lower order come first.
    pub const fn new(name: &'static str, order: i32, work: ReloadWork<N>) -> Self {
        Self { name, order, work }
    }

    /// Returns the name of the step.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<N> fmt::Debug for ReloadDecl<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReloadDecl")
            .field("name", &self.name)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}
