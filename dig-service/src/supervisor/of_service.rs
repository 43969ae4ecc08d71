//! The supervisor of a service, for who holds the service's handle.

use std::any::Any;
use std::collections::BTreeMap;

use crate::control::{ServiceHandle, Supervised};
use crate::supervisor::SupervisorHandle;

impl Supervised for SupervisorHandle {
    fn restarts(&self) -> BTreeMap<String, u64> {
        let children = self.state().map(|state| state.children).unwrap_or_default();
        let counts = children.iter().filter(|child| child.restarts() > 0);
        let mut restarts: BTreeMap<_, _> = counts
            .map(|child| (child.path.to_string(), child.restarts()))
            .collect();
        let removed = self.restarts_of_removed();
        if removed > 0 {
            // No path is called so.
            restarts.insert("removed".to_owned(), removed);
        }
        restarts
    }

    fn stuck(&self) -> Vec<String> {
        // Nearly always there is none, and who asks for health asks often.
        if self.stuck_children() == 0 {
            return Vec::new();
        }
        let children = self.state().map(|state| state.children).unwrap_or_default();
        let stuck = children
            .into_iter()
            .filter(|child| child.is_stuck && !child.is_supervisor);
        stuck.map(|child| child.path.to_string()).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ServiceHandle {
    /// Returns the handle of the service's supervisor, through which its children are looked at and
    /// steered: those of [`ServiceBuilder::supervise`](crate::ServiceBuilder::supervise), the long
    /// work of providers, and the node's `#[task]` and `#[supervised]` methods.
    ///
    /// A command that is given before the service runs waits until it does; from the moment it
    /// stops, commands are refused.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::Service;
    /// use dig_service::supervisor::ChildSpec;
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let feed = ChildSpec::factory("feed", |cx| async move {
    ///     cx.shutdown.cancelled().await;
    ///     Ok(())
    /// });
    /// let service = Service::builder(Node).supervise(feed).build();
    /// let supervisor = service.handle().supervisor();
    /// # let _ = supervisor;
    /// ```
    #[must_use]
    pub fn supervisor(&self) -> SupervisorHandle {
        let handle = self.supervised().as_any().downcast_ref();
        match handle.cloned() {
            Some(handle) => handle,
            None => unreachable!("a service has a supervisor of this type"),
        }
    }
}
