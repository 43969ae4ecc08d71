//! What a provider is given while it boots.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::registry::{Dependencies, Error, Provider, Registry};
use crate::shutdown::ShutdownToken;
use crate::tasks::TaskRegistry;

/// What [`Provider::boot_with`] is given.
pub struct BootContext<'a, S: Send + Sync + 'static = ()> {
    pub(super) name: &'static str,
    pub(super) state: &'a S,
    pub(super) registry: &'a Registry<S>,
    pub(super) declared: Option<&'a Dependencies>,
    pub(super) shutdown: ShutdownToken,
    pub(super) tasks: &'a TaskRegistry,
}

impl<S: Send + Sync + 'static> BootContext<'_, S> {
    /// Returns the shared state.
    #[must_use]
    pub const fn state(&self) -> &S {
        self.state
    }

    /// Returns a provider that was declared as a dependency: it has booted. `None` for an optional
    /// one that is not registered, and, with a warning, for one that was not declared.
    #[must_use]
    pub fn resolve<T: Provider<S>>(&self) -> Option<Arc<T>> {
        let id = TypeId::of::<T>();
        let is_declared = self
            .declared
            .is_some_and(|declared| declared.iter().any(|each| each.id == id));
        if !is_declared {
            tracing::warn!(
                provider = self.name,
                asked = std::any::type_name::<T>(),
                "not declared as a dependency, so not given"
            );
            return None;
        }
        self.registry.resolve()
    }

    pub(crate) fn missing<T>(&self) -> Error {
        let dependency = std::any::type_name::<T>();
        Error::MissingDependency {
            name: self.name,
            dependency,
        }
    }

    /// Returns a token that fires when the boot is to end: a stop was requested, or a provider
    /// beside this one has failed.
    #[must_use]
    pub const fn shutdown(&self) -> &ShutdownToken {
        &self.shutdown
    }

    /// Returns the tasks of the service, to keep for later: a boot itself spawns nothing.
    #[must_use]
    pub const fn tasks(&self) -> &TaskRegistry {
        self.tasks
    }
}

impl<S: Send + Sync + 'static> fmt::Debug for BootContext<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootContext")
            .field("provider", &self.name)
            .finish_non_exhaustive()
    }
}
