//! Who calls a method, and through what.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::control::ServiceHandle;
use crate::rpc::extensions::Extensions;
use crate::rpc::push::Desk;
#[cfg(feature = "http")]
use crate::rpc::push::EndsOnly;

/// The way a call came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// A call inside the process.
    Local,
    /// JSON-RPC over HTTP.
    Http,
    /// JSON-RPC over a WebSocket.
    WebSocket,
}

impl Transport {
    /// Returns the name used in logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Http => "http",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What an `#[rpc]` method can learn of its call by taking a `&RpcContext`.
#[derive(Clone, Debug)]
pub struct RpcContext {
    service: Option<ServiceHandle>,
    transport: Transport,
    peer: Option<SocketAddr>,
    extensions: Extensions,
    desk: Option<Arc<dyn Desk>>,
}

impl RpcContext {
    /// The context of a call inside the process, outside any service.
    pub const LOCAL: &'static Self = &Self {
        service: None,
        transport: Transport::Local,
        peer: None,
        extensions: Extensions::NONE,
        desk: None,
    };

    /// Makes the context of a call that came in over the network.
    #[must_use]
    pub const fn new(service: ServiceHandle, transport: Transport, peer: SocketAddr) -> Self {
        Self {
            service: Some(service),
            transport,
            peer: Some(peer),
            extensions: Extensions::NONE,
            desk: None,
        }
    }

    /// Makes the context of a call inside the process of a running service.
    #[must_use]
    pub const fn local(service: ServiceHandle) -> Self {
        Self {
            service: Some(service),
            transport: Transport::Local,
            peer: None,
            extensions: Extensions::NONE,
            desk: None,
        }
    }

    /// Adds a value for methods to find by its type, in place of one of the same type: who the caller
    /// was found to be, or a span of a trace.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::RpcContext;
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct User(&'static str);
    ///
    /// let cx = RpcContext::LOCAL.clone().with_extension(User("ada"));
    ///
    /// assert_eq!(cx.extension(), Some(&User("ada")));
    /// assert_eq!(cx.extension::<u64>(), None);
    /// ```
    #[must_use]
    pub fn with_extension<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    /// Returns the value of a type that was added to this call.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }

    /// Lets calls in this context subscribe.
    #[must_use]
    pub(crate) fn with_desk(mut self, desk: Arc<dyn Desk>) -> Self {
        self.desk = Some(desk);
        self
    }

    /// Lets calls in this context end subscriptions, and open none.
    #[cfg(feature = "http")]
    #[must_use]
    pub(crate) fn unanswered(mut self) -> Self {
        self.desk = self.desk.map(|desk| Arc::new(EndsOnly(desk)) as _);
        self
    }

    /// Says that the calls come over a transport of another kind.
    #[cfg(feature = "ws")]
    #[must_use]
    pub(crate) const fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Returns where subscriptions are taken on, if the transport has them.
    pub(crate) fn desk(&self) -> Option<&dyn Desk> {
        self.desk.as_deref()
    }

    /// Returns the service that was called; `None` for a direct call of `dispatch`.
    #[must_use]
    pub const fn service(&self) -> Option<&ServiceHandle> {
        self.service.as_ref()
    }

    /// Returns the way the call came in.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// Returns the caller's address, if the transport has one.
    #[must_use]
    pub const fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }
}
