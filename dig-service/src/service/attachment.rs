//! What is attached to a service and lives beside its node: transports.

use std::sync::Arc;

use tokio::time::Instant;

use crate::control::Control;
use crate::error::BoxFuture;
use crate::tasks::TaskRegistry;

/// Something with a start, work that is drained, and an end that comes after `post_stop` (I51).
pub(super) trait Attachment: Send + Sync {
    /// Binds, and begins to serve with tasks in the context's registry.
    fn open(&mut self, cx: AttachContext) -> BoxFuture<'_, anyhow::Result<()>>;

    /// Waits for running work, takes no more, and cuts what is left at the limit; returns how much
    /// was cut. Goes on answering probes.
    fn drain(&mut self, limit: Limit) -> BoxFuture<'_, usize>;
}

/// What an attachment starts with.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "http"),
    expect(dead_code, reason = "without a transport nothing is attached")
)]
pub(super) struct AttachContext {
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
}

impl Limit {
    /// A limit that a second request to stop cuts short.
    pub(super) fn new(control: &Arc<Control>, deadline: Option<Instant>) -> Self {
        let control = Arc::clone(control);
        Self {
            control,
            deadline,
            is_hurried: true,
        }
    }

    /// A limit that stands, however great the hurry.
    pub(super) fn standing(control: &Arc<Control>, deadline: Option<Instant>) -> Self {
        Self {
            is_hurried: false,
            ..Self::new(control, deadline)
        }
    }

    /// Waits until the limit is reached.
    pub(super) async fn reached(&self) {
        tokio::select! {
            () = self.control.tasks.progress().passed(self.deadline) => {}
            () = self.control.hurry.cancelled(), if self.is_hurried => {}
        }
    }
}
