//! Tasks that a supervisor starts, and can abort one by one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::shutdown::ShutdownToken;
use crate::tasks::core::SlotKey;
use crate::tasks::protect::Protection as Sections;
use crate::tasks::record::Force;
use crate::tasks::registry::Handle;
use crate::tasks::{Protected, Refused, TaskContext, TaskId, TaskOptions, TaskRegistry};

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

/// What lets a task be inside of protected sections.
#[derive(Clone, Debug)]
pub(crate) struct Protection(Arc<Sections>);

impl Protection {
    /// Begins a section; `tasks` is a registry of the same service.
    pub(crate) fn enter(&self, tasks: &TaskRegistry) -> Protected {
        Protected::enter(Arc::clone(&tasks.core), Arc::clone(&self.0))
    }

    /// Makes the context of a task with this protection.
    pub(crate) fn into_context(
        self,
        name: &'static str,
        shutdown: ShutdownToken,
        tasks: TaskRegistry,
    ) -> TaskContext {
        TaskContext {
            shutdown,
            tasks,
            name,
            protection: self.0,
        }
    }
}

impl TaskRegistry {
    /// Spawns a task that can be reached.
    #[track_caller]
    pub(crate) fn spawn_child<F>(
        &self,
        name: &'static str,
        options: TaskOptions,
        task: impl FnOnce(Protection) -> F,
    ) -> Result<Reach, Refused>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let protection = Arc::default();
        let future = task(Protection(Arc::clone(&protection)));
        let (admitted, _) = self.launch(name, options, Some(&protection), future)?;
        Ok(Reach {
            core: Arc::clone(&self.core),
            key: admitted.key,
            id: admitted.id,
        })
    }
}
