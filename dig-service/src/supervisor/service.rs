//! What a supervised service implements.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::decl::RestartPolicy;

/// A long-running service that is restarted when it ends, under a policy.
///
/// One value serves all attempts: what is to survive a restart lives in it, behind interior
/// mutability. [`ChildSpec::factory`](crate::supervisor::ChildSpec::factory) makes a fresh value for
/// every attempt instead.
///
/// # Examples
///
/// ```
/// use dig_service::CancellationToken;
/// use dig_service::supervisor::{ChildSpec, RestartPolicy, SupervisedService};
///
/// struct Feed;
///
/// #[async_trait::async_trait]
/// impl SupervisedService for Feed {
///     fn name(&self) -> &str {
///         "feed"
///     }
///
///     async fn run(&self, cancel: CancellationToken) -> anyhow::Result<()> {
///         cancel.cancelled().await; // the work goes here
///         Ok(())
///     }
/// }
///
/// assert_eq!(Feed.restart_policy(), RestartPolicy::OnFailure);
/// let spec = ChildSpec::service(Feed);
/// assert_eq!(spec.name(), "feed");
/// ```
#[async_trait]
pub trait SupervisedService: Send + Sync + 'static {
    /// Returns the name: unique among its siblings, shown in spans as `service` and in labels of
    /// metrics. Asked once, when the child is declared.
    fn name(&self) -> &str;

    /// Returns after which ends the service is started again. Asked once, when the child is
    /// declared.
    fn restart_policy(&self) -> RestartPolicy {
        RestartPolicy::OnFailure
    }

    /// Runs until the work is done or the token fires, both `Ok`.
    ///
    /// # Errors
    ///
    /// An error is kept, told, and followed by a restart as the policy says; so is a panic.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped if it has not returned when the child's stop budget is over.
    async fn run(&self, cancel: CancellationToken) -> anyhow::Result<()>;
}
