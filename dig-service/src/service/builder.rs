//! A service in the making.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::lifecycle::{Deadlines, NodeLifecycle};
use crate::peer::PeerApi;
use crate::rpc::RpcApi;
use crate::service::Service;
use crate::service::attachment::{Attach, Attachment};

/// What a service is told beside its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// `None`: what the surroundings suggest.
    pub(super) deadlines: Option<Deadlines>,
    pub(super) exit_report_file: Option<PathBuf>,
    pub(super) has_watchdog: bool,
}

/// Builds a [`Service`] that has more than its three parts.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::{Deadlines, Service};
/// # struct Node;
/// # impl dig_service::NodeLifecycle for Node {}
///
/// let service = Service::builder(Node)
///     .deadlines(Deadlines::default().with_total(Duration::from_secs(10)))
///     .build();
/// # let _ = service.handle();
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct ServiceBuilder<N, A, R> {
    node: Arc<N>,
    peer_api: Arc<A>,
    rpc_api: Arc<R>,
    settings: Settings,
    attached: Vec<Box<dyn Attach>>,
    #[cfg(feature = "http")]
    pub(super) rpc_http: Option<crate::rpc::http::HttpOptions>,
}

impl<N: NodeLifecycle> ServiceBuilder<N, (), ()> {
    pub(super) fn new(node: N) -> Self {
        Self::from_parts(Arc::new(node), Arc::new(()), Arc::new(()))
    }
}

impl<N: NodeLifecycle + RpcApi> ServiceBuilder<N, (), N> {
    pub(super) fn for_node(node: N) -> Self {
        let node = Arc::new(node);
        Self::from_parts(Arc::clone(&node), Arc::new(()), node)
    }
}

impl<N, A, R> ServiceBuilder<N, A, R> {
    fn from_parts(node: Arc<N>, peer_api: Arc<A>, rpc_api: Arc<R>) -> Self {
        Self {
            node,
            peer_api,
            rpc_api,
            settings: Settings::default(),
            attached: Vec::new(),
            #[cfg(feature = "http")]
            rpc_http: None,
        }
    }

    /// Fills the peer slot.
    pub fn peer_api<A2: PeerApi>(self, peer_api: A2) -> ServiceBuilder<N, A2, R> {
        ServiceBuilder {
            node: self.node,
            peer_api: Arc::new(peer_api),
            rpc_api: self.rpc_api,
            settings: self.settings,
            attached: self.attached,
            #[cfg(feature = "http")]
            rpc_http: self.rpc_http,
        }
    }

    /// Fills the RPC slot.
    pub fn rpc_api<R2: RpcApi>(self, rpc_api: R2) -> ServiceBuilder<N, A, R2> {
        ServiceBuilder {
            node: self.node,
            peer_api: self.peer_api,
            rpc_api: Arc::new(rpc_api),
            settings: self.settings,
            attached: self.attached,
            #[cfg(feature = "http")]
            rpc_http: self.rpc_http,
        }
    }

    /// Sets how long the steps of the stop may take.
    ///
    /// Without it, the total is 25 s, and 8 s as PID 1 of a container without an orchestrator's
    /// marks. A total that exceeds what the surroundings give by default is told in a warning.
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.settings.deadlines = Some(deadlines);
        self
    }

    /// Writes the exit report to a file as well, as one line of JSON, when the service is over or the
    /// watchdog ends it. On Kubernetes, `/dev/termination-log` makes it the termination message.
    pub fn exit_report_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.settings.exit_report_file = Some(file.into());
        self
    }

    /// Attaches something that lives beside the node, from before its first hook until after its
    /// last. May be called several times; they start in this order.
    pub fn attach(mut self, attachment: impl Attach) -> Self {
        self.attached.push(Box::new(attachment));
        self
    }

    /// Ends the process with code 124 if the stop outlasts its total, even when every worker of
    /// the runtime is stuck. Under `#[dig_main]` this is always so.
    pub fn stop_watchdog(mut self) -> Self {
        self.settings.has_watchdog = true;
        self
    }
}

impl<N: NodeLifecycle, A: PeerApi, R: RpcApi> ServiceBuilder<N, A, R> {
    /// Puts the service together: no I/O, no task, no runtime needed.
    #[must_use]
    pub fn build(self) -> Service<N, A, R> {
        let transports = self.transports();
        let parts = (self.node, self.peer_api, self.rpc_api);
        Service::assemble(parts, self.settings, (self.attached, transports))
    }

    #[cfg(feature = "http")]
    fn transports(&self) -> Vec<Box<dyn Attachment>> {
        let http = self.rpc_http.clone();
        let api = Arc::clone(&self.rpc_api);
        http.map(|options| crate::service::rpc_http::attach(options, api))
            .into_iter()
            .collect()
    }

    #[cfg(not(feature = "http"))]
    #[expect(clippy::unused_self, reason = "one shape with and without transports")]
    fn transports(&self) -> Vec<Box<dyn Attachment>> {
        Vec::new()
    }
}

impl<N: NodeLifecycle, A, R> fmt::Debug for ServiceBuilder<N, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceBuilder")
            .field("name", &N::NAME.unwrap_or(""))
            .field("deadlines", &self.settings.deadlines)
            .finish_non_exhaustive()
    }
}
