//! A child as it is declared.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::decl::{Backoff, Intensity, OnGiveUp, Readiness, RestartPolicy, Rules};
use crate::error::BoxFuture;
use crate::supervisor::{ChildContext, SupervisedService, Supervisor};
use crate::tasks::TaskKind;

/// Makes the future of an attempt; called inside the attempt's own task.
pub(crate) type Work =
    Arc<dyn Fn(ChildContext) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// What a child does.
pub(crate) enum Doing {
    Work(Work),
    Group(Box<Supervisor>),
}

/// A child: its work, and the rules it goes by.
///
/// | rule | default |
/// |---|---|
/// | [`restart`](Self::restart) | `on_failure`; `always` for a supervisor |
/// | [`backoff`](Self::backoff) | 100 ms, ×2, 30 s at most, 20 % jitter, anew after 60 s |
/// | [`intensity`](Self::intensity) | 5 restarts within 60 s |
/// | [`on_give_up`](Self::on_give_up) | `escalate` |
/// | [`stop_budget`](Self::stop_budget) | 5 s; none of its own for a supervisor |
/// | [`readiness`](Self::readiness) | immediate |
/// | [`heartbeat`](Self::heartbeat) | none |
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::supervisor::{ChildSpec, OnGiveUp, Readiness};
///
/// let feed = ChildSpec::factory("feed", |cx| async move {
///     let mut seen = Vec::new(); // made anew for every attempt
///     cx.ready();
///     while !cx.shutdown.is_cancelled() {
///         seen.push(cx.attempt); // the work goes here
///         cx.shutdown.cancelled().await;
///     }
///     Ok(())
/// })
/// .readiness(Readiness::Explicit { deadline: Duration::from_secs(10) })
/// .on_give_up(OnGiveUp::Quarantine);
/// let index = ChildSpec::factory("index", |cx| async move {
///     cx.shutdown.cancelled().await;
///     Ok(())
/// })
/// .depends_on("feed");
/// # let _ = (feed, index);
/// ```
#[must_use = "a child does nothing until it is given to a supervisor"]
pub struct ChildSpec {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: TaskKind,
    pub(super) rules: Rules,
    pub(super) dependencies: Vec<Arc<str>>,
    pub(super) tags: Vec<Arc<str>>,
    pub(super) doing: Doing,
    /// Where it was declared, which is where its tasks are shown to come from.
    pub(super) place: &'static Location<'static>,
}

impl ChildSpec {
    #[track_caller]
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, doing: Doing) -> Self {
        Self {
            name: name.into(),
            kind: TaskKind::BackgroundLoop,
            rules: Rules::default(),
            dependencies: Vec::new(),
            tags: Vec::new(),
            doing,
            place: Location::caller(),
        }
    }

    /// Declares a service: one value for all attempts, with its own name and policy.
    #[track_caller]
    pub fn service(service: impl SupervisedService) -> Self {
        let (name, policy) = (service.name().to_owned(), service.restart_policy());
        let service = Arc::new(service);
        Self::task(name, move |cancel| {
            let service = Arc::clone(&service);
            async move { service.run(cancel).await }
        })
        .restart(policy)
    }

    /// Declares work that is made anew for every attempt, so that nothing which a panic has left
    /// behind survives it.
    ///
    /// The closure runs inside the attempt's task: one that panics or blocks is the attempt's fault
    /// and nobody else's.
    #[track_caller]
    pub fn factory<F>(
        name: impl Into<Cow<'static, str>>,
        work: impl Fn(ChildContext) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let work = move |cx: ChildContext| -> BoxFuture<'static, _> { Box::pin(work(cx)) };
        Self::new(name, Doing::Work(Arc::new(work)))
    }

    /// Declares a closure or an `async fn` that takes a token as a child.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::CancellationToken;
    /// use dig_service::supervisor::ChildSpec;
    ///
    /// async fn sync(cancel: CancellationToken) -> anyhow::Result<()> {
    ///     cancel.cancelled().await;
    ///     Ok(())
    /// }
    ///
    /// assert_eq!(ChildSpec::task("sync", sync).name(), "sync");
    /// ```
    #[track_caller]
    pub fn task<F>(
        name: impl Into<Cow<'static, str>>,
        work: impl Fn(CancellationToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self::factory(name, move |cx| work(cx.shutdown.to_cancellation_token()))
    }

    /// Declares a supervisor with children of its own.
    ///
    /// It ends only if it fails, and is then restarted as a whole: each child in a new generation,
    /// without its history. It is ready when its children are. The default policy is `always`.
    #[track_caller]
    pub fn group(name: impl Into<Cow<'static, str>>, supervisor: Supervisor) -> Self {
        Self::new(name, Doing::Group(Box::new(supervisor))).restart(RestartPolicy::Always)
    }

    /// Returns the child's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets after which ends the child is started again.
    pub const fn restart(mut self, policy: RestartPolicy) -> Self {
        self.rules.policy = policy;
        self
    }

    /// Sets after which delay.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.rules.backoff = backoff;
        self
    }

    /// Sets how often at most; [`on_give_up`](Self::on_give_up) says what follows one end more.
    ///
    /// A limit that the [backoff](Self::backoff) keeps out of reach is an error when the child is
    /// given to a supervisor that starts.
    pub const fn intensity(mut self, intensity: Intensity) -> Self {
        self.rules.intensity = intensity;
        self
    }

    /// Sets what follows when the child was started again too often.
    pub const fn on_give_up(mut self, rule: OnGiveUp) -> Self {
        self.rules.on_give_up = rule;
        self
    }

    /// Sets how long the child may take to return once its token has fired; then it is aborted. A
    /// supervisor's budget is that of all its children together; without one, each has its own.
    pub const fn stop_budget(mut self, budget: Duration) -> Self {
        self.rules.stop_budget = Some(budget);
        self
    }

    /// Sets when the child counts as ready. A supervisor is ready when its children are, whatever
    /// is set here.
    pub const fn readiness(mut self, readiness: Readiness) -> Self {
        self.rules.readiness = readiness;
        self
    }

    /// Sets how long the child may go without a [sign of life](ChildContext::beat) once it is ready;
    /// one that does is hung: it is stopped, and restarted as after a failure.
    pub const fn heartbeat(mut self, limit: Duration) -> Self {
        self.rules.heartbeat = Some(limit);
        self
    }

    /// Lets the child start only when a sibling is ready, or has done its work. May be called
    /// several times. When all stop, the child stops before that sibling.
    pub fn depends_on(mut self, sibling: impl Into<Arc<str>>) -> Self {
        self.dependencies.push(sibling.into());
        self
    }

    /// Adds a word by which the child can be found in listings.
    pub fn tag(mut self, tag: impl Into<Arc<str>>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Sets what its task is shown as in listings; a background loop by default.
    pub const fn kind(mut self, kind: TaskKind) -> Self {
        self.kind = kind;
        self
    }

    /// Shows its tasks as coming from this place.
    pub(crate) const fn at_place(mut self, place: &'static Location<'static>) -> Self {
        self.place = place;
        self
    }

    /// Makes a failure after which the policy does not start the child again count as giving up.
    pub(crate) const fn essential(mut self) -> Self {
        self.rules.is_essential = true;
        self
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ChildSpec");
        shown.field("name", &self.name).field("rules", &self.rules);
        if let Doing::Group(supervisor) = &self.doing {
            shown.field("supervisor", supervisor);
        }
        shown.finish_non_exhaustive()
    }
}
