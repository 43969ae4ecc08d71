//! What is attached to a service and lives beside its node: views and transports.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::control::{Control, ServiceHandle};
use crate::error::BoxFuture;
use crate::tasks::{DESTRUCTOR_GRACE, TaskRegistry};

/// Something that lives beside the node from before its first hook until after its last: a view of
/// the service, a notifier, a control socket.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dig_service::{Attach, AttachContext, Phase, Service, ShutdownReason, TaskKind};
/// # struct Node;
/// # impl dig_service::NodeLifecycle for Node {}
///
/// /// Stops the service as soon as it runs.
/// struct Brief;
///
/// #[async_trait::async_trait]
/// impl Attach for Brief {
///     fn name(&self) -> &'static str {
///         "brief"
///     }
///
///     async fn start(&mut self, cx: AttachContext) -> anyhow::Result<()> {
///         let service = cx.service.clone();
///         cx.tasks.spawn("brief", TaskKind::Maintenance, async move {
///             service.phase().wait_for(|phase| *phase == Phase::Running).await?;
///             service.request_shutdown(ShutdownReason::RpcRequested);
///             Ok(())
///         });
///         Ok(())
///     }
/// }
///
/// let service = Service::builder(Node).attach(Brief).build();
/// assert!(service.start().await.unwrap().is_graceful());
/// # }
/// ```
#[async_trait]
pub trait Attach: Send + Sync + 'static {
    /// The name shown in errors and reports.
    fn name(&self) -> &'static str;

    /// Called before `pre_start`. Long work belongs into a task of the context's registry, whose
    /// token fires after `post_stop`.
    ///
    /// # Errors
    ///
    /// An error ends the service with `PreStartFailed`; no hook runs.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped if the service is asked to stop meanwhile and the start hooks' grace
    /// is over.
    async fn start(&mut self, cx: AttachContext) -> anyhow::Result<()>;

    /// Called after `post_stop`, whatever happened, if `start` was called. Its tasks end next.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped after 200 ms.
    async fn stop(&mut self) {}
}

/// What an attachment starts with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttachContext {
    /// The service.
    pub service: ServiceHandle,
    /// A registry of the framework's own, which ends after the node's last hook.
    pub tasks: TaskRegistry,
}

/// A transport: bound after `pre_start`, with calls that are drained before `on_stop`, and an end
/// that comes after `post_stop` (I51).
pub(super) trait Attachment: Send + Sync {
    /// Binds, and begins to serve with tasks in the context's registry.
    fn open(&mut self, cx: OpenContext) -> BoxFuture<'_, anyhow::Result<()>>;

    /// Waits for running work, takes no more, and cuts what is left at the limit; returns how much
    /// was cut. Goes on answering probes.
    fn drain(&mut self, limit: Limit) -> BoxFuture<'_, usize>;
}

/// What a transport starts with.
#[cfg_attr(
    not(feature = "http"),
    expect(dead_code, reason = "read by the transports, of which there is none")
)]
#[derive(Clone, Debug)]
pub(super) struct OpenContext {
    pub(super) control: Arc<Control>,
    /// The framework's scope for transports. Its token fires after `post_stop`: close then.
    pub(super) tasks: TaskRegistry,
}

/// Until when a part of the stop may go on: a deadline that progress may move, or a second request
/// to stop.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    control: Arc<Control>,
    deadline: Option<Instant>,
    is_hurried: bool,
    /// How long the destructors of what is cut may take.
    rest: Duration,
}

impl Limit {
    /// A limit that a second request to stop cuts short.
    pub(super) fn new(control: &Arc<Control>, deadline: Option<Instant>) -> Self {
        let control = Arc::clone(control);
        Self {
            control,
            deadline,
            is_hurried: true,
            rest: DESTRUCTOR_GRACE,
        }
    }

    /// A limit that stands, however great the hurry.
    pub(super) fn standing(control: &Arc<Control>, deadline: Option<Instant>) -> Self {
        Self {
            is_hurried: false,
            ..Self::new(control, deadline)
        }
    }

    /// A limit that keeps a part of the time before `deadline` for destructors: the share of a part
    /// of the stop holds both, and takes nothing from the next.
    pub(super) fn with_rest(control: &Arc<Control>, deadline: Option<Instant>) -> Self {
        let rest = deadline.map_or(DESTRUCTOR_GRACE, destructor_share);
        Self {
            rest,
            ..Self::new(control, deadline.map(|deadline| deadline - rest))
        }
    }

    /// The time that is kept for destructors.
    pub(super) const fn rest(&self) -> Duration {
        self.rest
    }

    /// Waits until the limit is reached, and gives the time that is kept for destructors.
    #[cfg(feature = "http")]
    pub(super) async fn reached_with_rest(&self) -> Duration {
        self.reached().await;
        self.rest
    }

    /// Waits until the limit is reached.
    pub(super) async fn reached(&self) {
        tokio::select! {
            () = self.control.tasks.progress().passed(self.deadline) => {}
            () = self.control.hurry.cancelled(), if self.is_hurried => {}
        }
    }
}

/// The part of the time left that is kept for the destructors of what is aborted.
pub(super) fn destructor_share(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    DESTRUCTOR_GRACE.min(left / 4)
}
