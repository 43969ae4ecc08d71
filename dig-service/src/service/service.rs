//! The service, ready to be started.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::control::{Command, Control, ControlSettings, ServiceHandle};
use crate::error::{Result, ServiceError, guard};
use crate::lifecycle::{Deadlines, NodeLifecycle};
use crate::peer::PeerApi;
use crate::rpc::RpcApi;
use crate::service::ServiceBuilder;
use crate::service::abandon::Abandon;
use crate::service::builder::Settings;
use crate::service::children::Declared;
use crate::service::driver::{Attachments, Driver};
use crate::service::surroundings::Surroundings;
use crate::shutdown::{ExitStatus, ShutdownReason, ShutdownToken};
use crate::signals::STAGE;
use crate::supervisor::{Supervisor, SupervisorHandle, Wiring};
use crate::tasks::TaskRegistry;
use crate::watchdog::Watchdog;

/// A node with its peer and RPC slots, to be started once.
///
/// `()` fills an unused slot. A `Service` that is dropped before it is over cancels its token with
/// `Fatal("service dropped")` and aborts its tasks.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dig_service::{NodeLifecycle, Service, ShutdownReason};
///
/// struct Node;
/// impl NodeLifecycle for Node {}
///
/// let service = Service::new(Node, (), ());
/// let handle = service.handle();
/// service.tasks().spawn("stopper", dig_service::TaskKind::Maintenance, async move {
///     handle.request_shutdown(ShutdownReason::UserRequested);
///     Ok(())
/// });
///
/// let status = service.start().await.unwrap();
/// assert!(status.is_graceful());
/// # }
/// ```
pub struct Service<N, A, R>
where
    N: NodeLifecycle,
    A: PeerApi,
    R: RpcApi,
{
    node: Arc<N>,
    peer_api: Arc<A>,
    rpc_api: Arc<R>,
    control: Arc<Control>,
    deadlines: Option<Deadlines>,
    attachments: Attachments,
    has_watchdog: bool,
    abandon: Abandon,
}

impl<N: NodeLifecycle, A: PeerApi, R: RpcApi> Service<N, A, R> {
    /// Puts a service together: no I/O, no task, no runtime needed.
    #[must_use]
    pub fn new(node: N, peer_api: A, rpc_api: R) -> Self {
        let parts = (Arc::new(node), Arc::new(peer_api), Arc::new(rpc_api));
        let attachments = Attachments::default();
        Self::assemble(parts, Settings::default(), attachments, Supervisor::new())
    }

    pub(super) fn assemble(
        (node, peer_api, rpc_api): (Arc<N>, Arc<A>, Arc<R>),
        settings: Settings,
        mut attachments: Attachments,
        supervisor: Supervisor,
    ) -> Self {
        let Settings {
            deadlines,
            exit_report_file,
            has_watchdog,
            on_failed_reload: _,
        } = settings;
        let name = N::NAME.unwrap_or("");
        // The defaults, whatever the surroundings, have no drain delay.
        let has_drain_delay = deadlines.is_some_and(|deadlines| deadlines.has_drain_delay());
        let (wiring, receivers) = Wiring::new();
        let settings = ControlSettings {
            has_drain_delay,
            has_reload: attachments.providers.is_some() || !N::reloads().is_empty(),
            supervised: Arc::new(SupervisorHandle::new(wiring.clone())),
            exit_report_file,
        };
        attachments.children = Some(Declared {
            supervisor,
            wiring,
            receivers,
        });
        let control = Control::new(name, settings);
        let control = Arc::new(control);
        Self {
            node,
            peer_api,
            rpc_api,
            abandon: Abandon::new(Arc::clone(&control)),
            control,
            deadlines,
            attachments,
            has_watchdog,
        }
    }

    /// Lives the whole life of the service, from `pre_start` to `post_stop`.
    ///
    /// `Ok` confirms that every hook that ran returned `Ok`, that all tasks are joined and their
    /// destructors have run, and that the transports are closed or, if they would not, aborted.
    ///
    /// A bare `start` installs no signal handler and never ends the process. Under `#[dig_main]`
    /// signals act on every service that is started, and a watchdog thread ends the process with
    /// 124 if the stop outlasts its total.
    ///
    /// # Errors
    ///
    /// The failure that ranks first: a start hook, then `run`, then `on_stop`, then `post_stop`,
    /// then tasks that outlasted their deadline. All of them are in
    /// [`ServiceHandle::exit_report`]. A watchdog whose thread the system refuses is
    /// `PreStartFailed`; no hook runs then.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, or on one whose timers are not enabled; before any hook.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped `start` runs no further hook; it cancels the token with
    /// `Fatal("service dropped")` and aborts the tasks.
    pub async fn start(self) -> Result<ExitStatus> {
        let deadlines = self.settle();
        let handle = self.handle();
        let is_program = STAGE.is_active();
        let _signals = is_program.then(|| STAGE.register(handle));
        let _watchdog = match is_program || self.has_watchdog {
            true => Some(self.watchdog(deadlines.total())?),
            false => None,
        };
        // A runtime without timers panics here, and not in the middle of the stop.
        drop(tokio::time::sleep(Duration::ZERO));
        let Self {
            node,
            peer_api,
            rpc_api,
            control,
            abandon,
            ..
        } = self;
        let mut driver = Driver::new(node, control, deadlines, self.attachments);
        let result = driver.run().await;
        abandon.disarm();
        // The user's destructors: a panic in one must not take the outcome away.
        if let Err(panic) = guard(|| drop((driver, peer_api, rpc_api))) {
            tracing::error!(
                panic = panic.message(),
                "destructor of the service's parts panicked"
            );
        }
        result
    }

    /// Settles the deadlines, and tells what cannot be kept in these surroundings.
    fn settle(&self) -> Deadlines {
        let surroundings = Surroundings::detect();
        let deadlines = surroundings.settle(self.deadlines);
        if let Some(given) = surroundings.shortage(deadlines) {
            let total = deadlines.total();
            tracing::warn!(
                ?total,
                ?given,
                ?surroundings,
                "the stop may take longer than is given"
            );
        }
        if cfg!(panic = "abort") {
            tracing::warn!("built with panic=abort: a panic ends the process, and no hook runs");
        }
        deadlines
    }

    fn watchdog(&self, total: Duration) -> Result<Watchdog> {
        let watchdog = Watchdog::start(Arc::clone(&self.control), total);
        watchdog.map_err(|error| {
            let error = anyhow::Error::new(error).context("cannot start the stop watchdog");
            ServiceError::PreStartFailed(Arc::new(error))
        })
    }

    /// Returns a handle that may outlive the service.
    #[must_use]
    pub fn handle(&self) -> ServiceHandle {
        ServiceHandle::new(Arc::clone(&self.control))
    }

    /// Returns the node.
    #[must_use]
    pub const fn node(&self) -> &Arc<N> {
        &self.node
    }

    /// Returns the peer slot.
    #[must_use]
    pub const fn peer_api(&self) -> &Arc<A> {
        &self.peer_api
    }

    /// Returns the RPC slot.
    #[must_use]
    pub const fn rpc_api(&self) -> &Arc<R> {
        &self.rpc_api
    }

    /// Returns the token that broadcasts the stop.
    #[must_use]
    pub fn shutdown_token(&self) -> &ShutdownToken {
        &self.control.shutdown
    }

    /// Returns the registry through which tasks are spawned.
    #[must_use]
    pub fn tasks(&self) -> &TaskRegistry {
        &self.control.tasks
    }

    /// Asks the service to stop; the first reason wins. Before `start`, no hook will run.
    pub fn request_shutdown(&self, reason: ShutdownReason) {
        self.control.carry_out(Command::Shutdown(reason), None);
    }
}

impl<N: NodeLifecycle + RpcApi> Service<N, (), N> {
    /// Puts a service together from a node that answers RPC calls itself; one `Arc` fills both
    /// slots.
    #[must_use]
    pub fn for_node(node: N) -> Self {
        Self::node_builder(node).build()
    }

    /// Begins to build a service from a node that answers RPC calls itself.
    pub fn node_builder(node: N) -> ServiceBuilder<N, (), N> {
        ServiceBuilder::for_node(node)
    }
}

impl<N: NodeLifecycle> Service<N, (), ()> {
    /// Begins to build a service.
    pub fn builder(node: N) -> ServiceBuilder<N, (), ()> {
        ServiceBuilder::new(node)
    }
}

impl<N: NodeLifecycle, A: PeerApi, R: RpcApi> fmt::Debug for Service<N, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.control.name)
            .field("deadlines", &self.deadlines)
            .finish_non_exhaustive()
    }
}
