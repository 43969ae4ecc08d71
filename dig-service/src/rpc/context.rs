//! Who calls a method, and through what.

use std::fmt;
use std::net::SocketAddr;

use crate::control::ServiceHandle;

/// The way a call came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// A call inside the process.
    Local,
    /// JSON-RPC over HTTP.
    Http,
}

impl Transport {
    /// Returns the name used in logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Http => "http",
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
}

impl RpcContext {
    /// The context of a call inside the process, outside any service.
    pub const LOCAL: &'static Self = &Self {
        service: None,
        transport: Transport::Local,
        peer: None,
    };

    /// Makes the context of a call that came in over the network.
    #[must_use]
    pub const fn new(service: ServiceHandle, transport: Transport, peer: SocketAddr) -> Self {
        Self {
            service: Some(service),
            transport,
            peer: Some(peer),
        }
    }

    /// Makes the context of a call inside the process of a running service.
    #[must_use]
    pub const fn local(service: ServiceHandle) -> Self {
        Self {
            service: Some(service),
            transport: Transport::Local,
            peer: None,
        }
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
