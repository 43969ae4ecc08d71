//! What a provider says it needs.

use std::any::{TypeId, type_name};

/// The providers that are to be ready before one boots, by type.
///
/// # Examples
///
/// ```
/// use dig_service::registry::Dependencies;
/// # struct Store; struct Metrics;
///
/// let dependencies = Dependencies::new().requires::<Store>().optional::<Metrics>();
/// assert_eq!(dependencies.len(), 2);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "what is not returned is not known"]
pub struct Dependencies(Vec<Dependency>);

#[derive(Clone, Copy, Debug)]
pub(super) struct Dependency {
    pub(super) id: TypeId,
    pub(super) type_name: &'static str,
    pub(super) is_required: bool,
}

impl Dependencies {
    /// Says that nothing is needed.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a provider without which the start fails.
    pub fn requires<T: 'static>(self) -> Self {
        self.with::<T>(true)
    }

    /// Adds a provider that boots earlier if it is registered.
    pub fn optional<T: 'static>(self) -> Self {
        self.with::<T>(false)
    }

    /// Returns how many were declared.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether none was declared.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn with<T: 'static>(mut self, is_required: bool) -> Self {
        self.0.push(Dependency {
            id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            is_required,
        });
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Dependency> {
        self.0.iter()
    }
}
