//! What a task is told when it starts.

use crate::shutdown::ShutdownToken;
use crate::tasks::TaskRegistry;

/// What a task spawned with [`TaskRegistry::spawn_with`] or
/// [`TaskRegistry::spawn_blocking`] is given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskContext {
    /// A token of the task's own: it fires with the registry's, and cancelling it touches no other
    /// task.
    pub shutdown: ShutdownToken,
    /// The registry that the task runs in.
    pub tasks: TaskRegistry,
    /// The task's name.
    pub name: &'static str,
}
