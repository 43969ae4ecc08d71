//! The registry: what is registered, and the frozen plan once it has been started.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, OnceLock};

use crate::error::guard;
use crate::registry::dependencies::Dependencies;
use crate::registry::plan::{Node, levels};
use crate::registry::reload::Reloads;
use crate::registry::{Error, Provider, Result, priority};
use crate::sync::Lock;

/// Holds one provider of each type; see the [module](crate::registry).
///
/// All methods take `&self`: share a registry in an `Arc`.
pub struct Registry<S: Send + Sync + 'static = ()> {
    /// In the order of registration; complete once the plan is made.
    entries: Lock<Vec<Arc<Entry<S>>>>,
    frozen: OnceLock<Frozen<S>>,
    /// Those that booted and were not shut down since, in this order.
    pub(super) booted: Lock<Vec<Arc<Entry<S>>>>,
    pub(super) reloads: Reloads,
    /// Held by a boot and by a shutdown, of which there is one at a time.
    pub(super) order: tokio::sync::Mutex<()>,
}

/// A provider as it was registered.
pub(super) struct Entry<S: Send + Sync + 'static> {
    id: TypeId,
    type_name: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: Arc<dyn Provider<S>>,
    /// The same allocation, for look-ups by type.
    any: Arc<dyn Any + Send + Sync>,
}

/// What cannot change any more.
pub(super) struct Frozen<S: Send + Sync + 'static> {
    by_type: HashMap<TypeId, Arc<dyn Any + Send + Sync>, BuildHasherDefault<TypeIdHasher>>,
    pub(super) plan: Plan<S>,
}

/// The providers in order.
pub(super) struct Plan<S: Send + Sync + 'static> {
    pub(super) levels: Vec<Vec<Arc<Entry<S>>>>,
    /// By type: what each declared, for look-ups while it boots.
    pub(super) declared: HashMap<TypeId, Dependencies>,
}

impl<S: Send + Sync + 'static> Plan<S> {
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Arc<Entry<S>>> {
        self.levels.iter().flatten()
    }
}

impl<S: Send + Sync + 'static> Entry<S> {
    pub(super) const fn id(&self) -> TypeId {
        self.id
    }
}

impl<S: Send + Sync + 'static> Registry<S> {
    /// Makes an empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self {
            entries: Lock::default(),
            frozen: OnceLock::new(),
            booted: Lock::default(),
            reloads: Reloads::default(),
            order: tokio::sync::Mutex::default(),
        }
    }

    /// Registers a provider, and returns the registry for the next.
    ///
    /// A second one of the same type or name is not taken, and neither is one that comes after the
    /// start; a warning says so. [`try_insert`](Self::try_insert) returns it as an error instead.
    pub fn insert<C: Provider<S>>(&self, provider: Arc<C>) -> &Self {
        if let Err(error) = self.try_insert(provider) {
            tracing::warn!(%error, "provider not registered");
        }
        self
    }

    /// Registers a provider, which stays the same allocation.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if its type or its name is registered already, [`Error::Frozen`] after
    /// the start.
    pub fn try_insert<C: Provider<S>>(&self, provider: Arc<C>) -> Result<()> {
        // Outside the lock, as it is user code; without a name of its own it has its type's.
        let name = guard(|| provider.name()).unwrap_or_else(|_| type_name::<C>());
        let id = TypeId::of::<C>();
        let mut entries = self.entries.lock();
        if self.frozen.get().is_some() {
            return Err(Error::Frozen { name });
        }
        if entries
            .iter()
            .any(|entry| entry.id == id || entry.name == name)
        {
            return Err(Error::Duplicate { name });
        }
        let (type_name, any) = (type_name::<C>(), Arc::clone(&provider) as _);
        entries.push(Arc::new(Entry {
            id,
            type_name,
            name,
            provider,
            any,
        }));
        Ok(())
    }

    /// Returns the provider of this type. After the start this takes no lock.
    #[must_use]
    pub fn resolve<T: Provider<S>>(&self) -> Option<Arc<T>> {
        let id = TypeId::of::<T>();
        let any = match self.frozen.get() {
            Some(frozen) => Arc::clone(frozen.by_type.get(&id)?),
            None => {
                let entries = self.entries.lock();
                Arc::clone(&entries.iter().find(|entry| entry.id == id)?.any)
            }
        };
        any.downcast().ok()
    }

    /// Looks at the provider of this type.
    pub fn with_typed<T: Provider<S>, R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        match self.frozen.get() {
            Some(frozen) => Some(look(
                frozen.by_type.get(&TypeId::of::<T>())?.downcast_ref()?,
            )),
            None => Some(look(&*self.resolve::<T>()?)),
        }
    }

    /// Returns the providers in the order of the plan; in that of registration while there is no
    /// plan, because a dependency is missing or circular.
    #[must_use]
    pub fn providers(&self) -> Vec<Arc<dyn Provider<S>>> {
        self.in_order(|entry| Arc::clone(&entry.provider))
    }

    /// Returns the names of the providers, in the same order.
    #[must_use]
    pub fn list_names(&self) -> Vec<&'static str> {
        self.in_order(|entry| entry.name)
    }

    fn in_order<T>(&self, map: impl Fn(&Entry<S>) -> T) -> Vec<T> {
        if let Some(frozen) = self.frozen.get() {
            return frozen.plan.in_order().map(|entry| map(entry)).collect();
        }
        let entries = self.entries.lock().clone();
        match plan(&entries, boot_priority) {
            Ok(plan) => plan.in_order().map(|entry| map(entry)).collect(),
            Err(_) => entries.iter().map(|entry| map(entry)).collect(),
        }
    }

    /// Makes the plan, after which nothing can be registered.
    ///
    /// # Errors
    ///
    /// [`Error::MissingDependency`], [`Error::Cycle`]; then the registry stays open.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.frozen().map(drop)
    }

    pub(super) fn frozen(&self) -> Result<&Frozen<S>> {
        loop {
            if let Some(frozen) = self.frozen.get() {
                return Ok(frozen);
            }
            // User code says what it depends on: not under the lock.
            let entries = self.entries.lock().clone();
            let plan = plan(&entries, boot_priority)?;
            let by_type = entries
                .iter()
                .map(|entry| (entry.id, Arc::clone(&entry.any)));
            let frozen = Frozen {
                by_type: by_type.collect(),
                plan,
            };
            let now = self.entries.lock();
            // One that was registered meanwhile belongs into the plan as well.
            if now.len() == entries.len() {
                let _ = self.frozen.set(frozen);
            }
        }
    }

    /// Providers in an order of their own, which keeps to the dependencies as well.
    pub(super) fn ordered_by(
        &self,
        priority: impl Fn(&Entry<S>) -> Option<u8>,
    ) -> Result<Vec<Arc<Entry<S>>>> {
        let frozen = self.frozen()?;
        let entries: Vec<_> = frozen.plan.in_order().cloned().collect();
        Ok(plan(&entries, priority)?
            .levels
            .into_iter()
            .flatten()
            .collect())
    }
}

fn boot_priority<S: Send + Sync + 'static>(entry: &Entry<S>) -> Option<u8> {
    entry.provider.boot_priority()
}

fn plan<S: Send + Sync + 'static>(
    entries: &[Arc<Entry<S>>],
    priority_of: impl Fn(&Entry<S>) -> Option<u8>,
) -> Result<Plan<S>> {
    let index: HashMap<TypeId, usize> = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| (entry.id, at))
        .collect();
    let mut declared = HashMap::new();
    let mut nodes = Vec::with_capacity(entries.len());
    for entry in entries {
        let asked = guard(|| (entry.provider.dependencies(), priority_of(entry)));
        let (dependencies, priority) = asked.map_err(|panic| Error::Panicked {
            name: entry.name,
            phase: crate::registry::Phase::Boot,
            panic,
        })?;
        let mut after = Vec::new();
        for dependency in dependencies.iter() {
            match index.get(&dependency.id) {
                Some(before) => after.push(*before),
                None if dependency.is_required => {
                    let (name, dependency) = (entry.name, dependency.type_name);
                    return Err(Error::MissingDependency { name, dependency });
                }
                None => {}
            }
        }
        declared.insert(entry.id, dependencies);
        let priority = priority.unwrap_or(priority::NORMAL);
        nodes.push(Node {
            name: entry.name,
            priority,
            after,
        });
    }
    let levels = levels(&nodes)?.into_iter().map(|level| {
        level
            .into_iter()
            .map(|at| Arc::clone(&entries[at]))
            .collect()
    });
    Ok(Plan {
        levels: levels.collect(),
        declared,
    })
}

impl<S: Send + Sync + 'static> Default for Registry<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Send + Sync + 'static> fmt::Debug for Registry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.lock();
        let names: Vec<_> = entries.iter().map(|entry| entry.name).collect();
        f.debug_struct("Registry")
            .field("providers", &names)
            .finish_non_exhaustive()
    }
}

impl<S: Send + Sync + 'static> fmt::Debug for Entry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.type_name)
    }
}

/// Type ids are hashes already.
#[derive(Default)]
struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
