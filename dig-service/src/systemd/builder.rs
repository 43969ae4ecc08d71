//! The way in: a method of the builder.

use crate::service::ServiceBuilder;

impl<N, A, R> ServiceBuilder<N, A, R> {
    /// Tells systemd how the service is, for a unit with `Type=notify`: when it is ready, what it
    /// does, when it stops, that progress needs more time, and that it is
    /// [alive](crate::ServiceHandle::is_alive), if the unit has a `WatchdogSec`.
    ///
    /// Without `$NOTIFY_SOCKET`, as outside of systemd and on other systems, this does nothing. A
    /// socket that cannot be written to is a warning.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    /// let service = dig_service::Service::builder(Node).systemd().build();
    /// # let _ = service.handle();
    /// ```
    pub fn systemd(self) -> Self {
        #[cfg(unix)]
        {
            use crate::systemd::surroundings::Surroundings;
            use crate::systemd::view::Systemd;
            self.attach(Systemd::new(Surroundings::of_process))
        }
        #[cfg(not(unix))]
        self
    }
}
