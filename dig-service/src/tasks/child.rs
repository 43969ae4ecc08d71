//! Tasks that a supervisor starts, and can abort one by one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::shutdown::ShutdownToken;
use crate::tasks::core::SlotKey;
use crate::tasks::record::Force;
use crate::tasks::registry::Handle;
use crate::tasks::{Refused, TaskContext, TaskId, TaskOptions, TaskRegistry};

/// Reaches one task of a registry.
pub(crate) struct Reach {
    core: Arc<Handle>,
    key: SlotKey,
    id: TaskId,
}

impl Reach {
    /// Aborts the task, or does so at the end of its [protected](TaskContext::protect) section.
    pub(crate) fn abort(&self) {
        self.core.abort_one(self.key, self.id, Force::Gentle);
    }

    /// Aborts the task, protected or not.
    pub(crate) fn abort_by_force(&self) {
        self.core.abort_one(self.key, self.id, Force::Full);
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reach").field(&self.id).finish()
    }
}

impl TaskRegistry {
    /// Spawns a task that is stopped by a token of its own, and spawns its own tasks into `home`.
    #[track_caller]
    pub(crate) fn spawn_child<F>(
        &self,
        name: &'static str,
        options: TaskOptions,
        (shutdown, home): (ShutdownToken, Self),
        task: impl FnOnce(TaskContext) -> F,
    ) -> Result<Reach, Refused>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let context = TaskContext {
            shutdown,
            tasks: home,
            name,
            protection: Arc::default(),
        };
        let protection = Arc::clone(&context.protection);
        let future = task(context);
        let (admitted, _) = self.launch(name, options, Some(&protection), future)?;
        Ok(Reach {
            core: Arc::clone(&self.core),
            key: admitted.key,
            id: admitted.id,
        })
    }
}
