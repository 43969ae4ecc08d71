//! What the control state has to know of the supervised children, which live above it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// The children of a service.
pub(crate) trait Supervised: Debug + Send + Sync {
    /// How often each was started again, by path; those that never were are left out.
    fn restarts(&self) -> BTreeMap<String, u64>;

    /// The paths of those that were aborted and do not end.
    fn stuck(&self) -> Vec<String>;

    /// For the room that knows the type.
    fn as_any(&self) -> &dyn Any;
}

/// No children at all.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Childless;

#[cfg(test)]
impl Supervised for Childless {
    fn restarts(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }

    fn stuck(&self) -> Vec<String> {
        Vec::new()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
