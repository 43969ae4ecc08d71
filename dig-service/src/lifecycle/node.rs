//! The trait that gives a node its hooks.

use async_trait::async_trait;

use crate::lifecycle::{ReloadDecl, RunContext, StartContext, StopContext, TaskDecl};

/// The hooks of a node. Every one has a default body: the brackets do nothing, `run` waits for the
/// token.
///
/// Most nodes get this trait from `#[dig_service::node]`; it can be written by hand with
/// `#[async_trait]`.
///
/// # Examples
///
/// ```
/// use dig_service::{NodeLifecycle, RunContext};
///
/// struct Clock;
///
/// #[async_trait::async_trait]
/// impl NodeLifecycle for Clock {
///     const NAME: Option<&'static str> = Some("clock");
///
///     async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
///         ctx.shutdown.cancelled().await;
///         Ok(())
///     }
/// }
///
/// assert_eq!(dig_service::Service::new(Clock, (), ()).handle().name(), "clock");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no node",
    label = "has no `NodeLifecycle`",
    note = "mark its `impl` block with `#[dig_service::node]`, or the type itself, and not as `rpc_only`"
)]
#[async_trait]
pub trait NodeLifecycle: Send + Sync + 'static {
    /// The name shown in logs, listings and reports.
    const NAME: Option<&'static str> = None;

    /// Opens what must be there before anything else: stores, locks.
    ///
    /// # Errors
    ///
    /// An error ends the service with `PreStartFailed`; no later hook but `cleanup` runs.
    async fn pre_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Warms up what needs the transports bound and the stores open.
    ///
    /// # Errors
    ///
    /// An error ends the service with `OnStartFailed`; `post_stop` runs, `run` and `on_stop` do not.
    async fn on_start(&self, _ctx: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Does the node's work until the token fires; by default it only waits for that.
    ///
    /// Returning `Ok` unasked ends the service with `RunCompleted`.
    ///
    /// # Errors
    ///
    /// An error ends the service with `RunFailed`; `on_stop` and `post_stop` run.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped if it has not returned when its grace is over.
    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        ctx.shutdown.cancelled().await;
        Ok(())
    }

    /// Flushes, once all tasks are joined.
    ///
    /// # Errors
    ///
    /// An error ends the service with `OnStopFailed`; `post_stop` runs.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its deadline.
    async fn on_stop(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Closes what `pre_start` opened.
    ///
    /// # Errors
    ///
    /// An error ends the service with `OnStopFailed`.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its deadline.
    async fn post_stop(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Removes what must not be left behind. Runs once, last, on every path on which any hook ran,
    /// even after a failed `pre_start`; so it must be idempotent.
    ///
    /// # Errors
    ///
    /// An error ends the service with `OnStopFailed`.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its deadline, which it shares with `post_stop`.
    async fn cleanup(&self, _ctx: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Returns the children that run while the node does; none by default.
    fn tasks() -> &'static [TaskDecl<Self>]
    where
        Self: Sized,
    {
        &[]
    }

    /// Returns what is done on a reload, after the providers; nothing by default.
    ///
    /// A node that has neither this nor providers is asked to stop with `ReloadRequested` instead.
    fn reloads() -> &'static [ReloadDecl<Self>]
    where
        Self: Sized,
    {
        &[]
    }
}
