//! A service in the making.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::lifecycle::{Deadlines, NodeLifecycle};
use crate::peer::PeerApi;
use crate::registry::{Registry, ReloadState};
use crate::rpc::RpcApi;
use crate::service::Service;
use crate::service::attachment::{Attach, Attachment};
use crate::service::driver::Attachments;
use crate::service::providers::{self, Providers, ReloadFailure};
#[cfg(feature = "http")]
use crate::service::rpc_http;
use crate::supervisor::{ChildSpec, Supervisor};

/// What a service is told beside its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// `None`: what the surroundings suggest.
    pub(super) deadlines: Option<Deadlines>,
    pub(super) exit_report_file: Option<PathBuf>,
    pub(super) has_watchdog: bool,
    pub(super) on_failed_reload: ReloadFailure,
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
    providers: Option<Arc<dyn Providers>>,
    supervisor: Supervisor,
    #[cfg(feature = "http")]
    pub(super) rpc_http: Option<crate::rpc::http::HttpOptions>,
    #[cfg(feature = "http")]
    pub(super) pages: Vec<crate::rpc::http::Page>,
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
            providers: None,
            supervisor: Supervisor::new(),
            #[cfg(feature = "http")]
            rpc_http: None,
            #[cfg(feature = "http")]
            pages: Vec::new(),
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
            providers: self.providers,
            supervisor: self.supervisor,
            #[cfg(feature = "http")]
            rpc_http: self.rpc_http,
            #[cfg(feature = "http")]
            pages: self.pages,
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
            providers: self.providers,
            supervisor: self.supervisor,
            #[cfg(feature = "http")]
            rpc_http: self.rpc_http,
            #[cfg(feature = "http")]
            pages: self.pages,
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

    /// Gives the service its providers and the state they share.
    ///
    /// They are checked before any hook, booted and validated before `on_start`, their long work
    /// starts before `run`, and they are shut down after `on_stop`. A HUP,
    /// [`ServiceHandle::reload`](crate::ServiceHandle::reload) and every other request for a reload
    /// reload them in place. Called again, it replaces what was given before.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use dig_service::Service;
    /// use dig_service::registry::{Provider, Registry};
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// struct Store;
    /// impl Provider for Store {}
    ///
    /// let registry = Registry::new();
    /// registry.insert(Arc::new(Store));
    /// let service = Service::builder(Node).providers(registry, ()).build();
    /// # let _ = service.handle();
    /// ```
    pub fn providers<S>(mut self, registry: impl Into<Arc<Registry<S>>>, state: S) -> Self
    where
        S: ReloadState + Clone + Send + Sync + 'static,
    {
        self.providers = Some(providers::hold(registry.into(), state));
        self
    }

    /// Adds a supervised child, after those that were added before.
    ///
    /// Children are checked before any hook, started before `run`, and stopped while it returns.
    /// One that is given up stops the service with `Fatal`, unless its rules say otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::Service;
    /// use dig_service::supervisor::{ChildSpec, RestartPolicy};
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let feed = ChildSpec::factory("feed", |cx| async move {
    ///     cx.shutdown.cancelled().await;
    ///     Ok(())
    /// });
    /// let service = Service::builder(Node)
    ///     .supervise(feed.restart(RestartPolicy::Always))
    ///     .build();
    /// # let _ = service.handle();
    /// ```
    pub fn supervise(mut self, child: ChildSpec) -> Self {
        self.supervisor.children.push(child);
        self
    }

    /// Sets the rules for all children together. The supervisor's own children come after those
    /// that were added before, and its factories replace those given before.
    pub fn supervisor(mut self, supervisor: Supervisor) -> Self {
        let mut children = std::mem::take(&mut self.supervisor.children);
        self.supervisor = supervisor;
        children.append(&mut self.supervisor.children);
        self.supervisor.children = children;
        self
    }

    /// Sets what becomes of the service if a reload fails midway; it stays by default.
    pub const fn on_failed_reload(mut self, policy: ReloadFailure) -> Self {
        self.settings.on_failed_reload = policy;
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
        let attachments = Attachments {
            views: self.attached,
            transports,
            providers: self.providers,
            on_failed_reload: self.settings.on_failed_reload,
            children: None,
        };
        Service::assemble(parts, self.settings, attachments, self.supervisor)
    }

    #[cfg(feature = "http")]
    fn transports(&self) -> Vec<Box<dyn Attachment>> {
        let (pages, api) = (self.pages.clone(), Arc::clone(&self.rpc_api));
        match self.rpc_http.clone() {
            Some(options) => vec![rpc_http::attach(options.with_pages(pages), api)],
            None => rpc_http::unserved(&pages).into_iter().collect(),
        }
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
