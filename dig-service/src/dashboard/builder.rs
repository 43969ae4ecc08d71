//! The builder's method for it.

use crate::dashboard::Dashboard;
use crate::service::ServiceBuilder;

impl<N, A, R> ServiceBuilder<N, A, R> {
    /// Lets operators look into the service and steer it, through a local socket; see
    /// [`dashboard`](crate::dashboard).
    ///
    /// The socket is bound before the first hook, and closed after the last. Until the service runs
    /// it can be looked at and stopped, and nothing else. A configuration that is not in order, or a
    /// socket that cannot be bound, fails the start.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::Service;
    /// use dig_service::dashboard::DashboardIpcConfig;
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let config = DashboardIpcConfig::new("node-1", "/run/user/1000/node-1.sock");
    /// let service = Service::builder(Node).dashboard(config).build();
    /// # let _ = service.handle();
    /// ```
    pub fn dashboard(self, dashboard: impl Into<Dashboard>) -> Self {
        self.attach(dashboard.into())
    }
}
