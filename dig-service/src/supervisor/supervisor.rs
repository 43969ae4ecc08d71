//! A supervisor as it is declared.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

use crate::decl::{Intensity, Strategy};
use crate::error::BoxFuture;
use crate::shutdown::ShutdownToken;
use crate::supervisor::{ChildContext, ChildSpec, InvalidTree, Start, SupervisorHandle};
use crate::tasks::TaskRegistry;

/// Makes the future of an attempt of a child that came by its [key](Supervisor::factory).
pub(crate) type Factory =
    Arc<dyn Fn(ChildContext, Value) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// Children, and the rules for them together.
///
/// In a service, [`ServiceBuilder::supervise`](crate::ServiceBuilder::supervise) adds children to
/// the service's own supervisor, and
/// [`ServiceBuilder::supervisor`](crate::ServiceBuilder::supervisor) sets its rules. One can also be
/// a [child](ChildSpec::group) of another, or be [started](Self::start) alone.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyhow::Result<()> {
/// use std::time::Duration;
/// use dig_service::{ShutdownToken, TaskRegistry};
/// use dig_service::supervisor::{Audit, ChildPhase, ChildSpec, Supervisor};
///
/// let tasks = TaskRegistry::new(ShutdownToken::new());
/// let supervisor = Supervisor::new()
///     .child(ChildSpec::factory("feed", |cx| async move {
///         cx.shutdown.cancelled().await;
///         Ok(())
///     }))
///     .start(&tasks)?;
///
/// supervisor.wait_for("feed", ChildPhase::Running).await?;
/// let audit = Audit::new("docs", "the example is over")?;
/// let report = supervisor.shutdown_tree(Duration::from_secs(5), audit).await?;
/// assert!(report.is_graceful());
/// # Ok(()) }
/// ```
#[derive(Default)]
#[must_use = "a supervisor does nothing until it is started"]
pub struct Supervisor {
    pub(super) strategy: Strategy,
    pub(super) intensity: Option<Intensity>,
    pub(super) max_starts: Option<NonZeroUsize>,
    pub(super) seed: Option<u64>,
    pub(crate) children: Vec<ChildSpec>,
    pub(super) factories: BTreeMap<String, Factory>,
}

impl Supervisor {
    /// Makes a supervisor without children.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which children are started again when one is; that one by default.
    pub const fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Limits the restarts of all children together, beside the limit that each has. One too many,
    /// and the supervisor fails, whatever the child's own rule is.
    ///
    /// A restart of several children at once counts once.
    pub const fn intensity(mut self, intensity: Intensity) -> Self {
        self.intensity = Some(intensity);
        self
    }

    /// Limits how many children are starting at a time: started, and not yet ready. The others wait
    /// for their turn, in the order of their declaration.
    ///
    /// A child whose readiness is immediate is never starting, and takes no place.
    pub const fn max_concurrent_starts(mut self, max: NonZeroUsize) -> Self {
        self.max_starts = Some(max);
        self
    }

    /// Fixes the jitter of all delays: the same seed gives the same delays.
    ///
    /// Without one, a supervisor that is a child takes it from the one above, and the uppermost
    /// begins anywhere.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Adds a child, after those that were added before.
    pub fn child(mut self, child: ChildSpec) -> Self {
        self.children.push(child);
        self
    }

    /// Registers work under a key, so that children with it can be added while the program runs,
    /// by [`SupervisorHandle::add_manifest`]. The value is what the manifest has under `params`.
    ///
    /// Keys hold for the whole tree; the same key twice is an error at the start.
    pub fn factory<F>(
        mut self,
        key: impl Into<String>,
        work: impl Fn(ChildContext, Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let work = move |cx, params| -> BoxFuture<'static, _> { Box::pin(work(cx, params)) };
        self.factories.insert(key.into(), Arc::new(work));
        self
    }

    /// Checks the tree, and starts it: the children run as tasks of `tasks`, and stop when its token
    /// fires.
    ///
    /// `Ok` confirms that the tree is in order and its loop runs, not that a child is ready.
    /// If the supervisor gives up, the token of `tasks` fires with `Fatal`.
    ///
    /// # Errors
    ///
    /// [`InvalidTree`], and a registry that is stopping or closed; nothing is started.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(self, tasks: &TaskRegistry) -> Result<SupervisorHandle, InvalidTree> {
        let scope = tasks.scope("supervisor");
        let start = Start::new(self)?;
        let handle = start.handle();
        start.run(&scope, tasks, Some(tasks.shutdown().clone()))?;
        Ok(handle)
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("strategy", &self.strategy)
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}

/// The token whose firing ends a tree that nobody else ends.
pub(super) type StopToken = Option<ShutdownToken>;
