//! The protocol without a socket: a request in, a response out.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::control::ServiceHandle;
use crate::dashboard::audit::AuditFile;
use crate::dashboard::peer::Peer;
use crate::dashboard::replay::Replays;
use crate::dashboard::view::Rendered;
use crate::dashboard::{
    ControlCommandKind, DashboardError, DashboardErrorCode, DashboardStage, DashboardState,
    DashboardView, IpcMethod, IpcRequest, IpcResponse, IpcResult, SubscriptionKind,
    SupportedCommand, TargetProcessRegistration, ValidatedDashboardIpcConfig,
};
use crate::sync::Lock;

/// The version of the protocol.
pub const DASHBOARD_IPC_PROTOCOL_VERSION: &str = "dashboard-ipc.v1";

/// Answers the requests of the protocol; clones share their memory of commands.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dig_service::Service;
/// use dig_service::dashboard::{
///     DashboardIpcConfig, DashboardIpcService, DashboardView, IpcMethod, IpcRequest,
/// };
/// # struct Node;
/// # impl dig_service::NodeLifecycle for Node {}
///
/// let service = Service::new(Node, (), ());
/// let config = DashboardIpcConfig::new("node-1", "/run/node-1.sock").validate().unwrap();
/// let view = DashboardView::new(&service.handle());
/// let dashboard = DashboardIpcService::new(config, view).with_handle(service.handle());
///
/// let response = dashboard.handle_request(IpcRequest::new("r-1", IpcMethod::Hello, None)).await;
/// assert!(response.ok);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DashboardIpcService {
    pub(super) inner: Arc<Inner>,
    pub(super) handle: Option<ServiceHandle>,
}

#[derive(Debug)]
pub(super) struct Inner {
    config: ValidatedDashboardIpcConfig,
    target_id: Arc<str>,
    view: DashboardView,
    pub(super) replays: Lock<Replays>,
    pub(super) audit: Option<Arc<AuditFile>>,
    /// Held while a state is written; who waits for it gives way to other tasks.
    rendered: Mutex<Rendered>,
}

impl DashboardIpcService {
    /// Makes one that can be looked at, and not told anything.
    #[must_use]
    pub fn new(config: ValidatedDashboardIpcConfig, view: DashboardView) -> Self {
        Self::with_audit(config, view, None)
    }

    /// As above, with a file that commands are written into.
    pub(crate) fn with_audit(
        config: ValidatedDashboardIpcConfig,
        view: DashboardView,
        audit: Option<AuditFile>,
    ) -> Self {
        let target_id = config.config().target_id.as_str().into();
        Self {
            inner: Arc::new(Inner {
                config,
                target_id,
                view,
                replays: Lock::default(),
                audit: audit.map(Arc::new),
                rendered: Mutex::default(),
            }),
            handle: None,
        }
    }

    /// Lets commands through to this service. Without it they are answered with
    /// `target_unavailable`.
    #[must_use]
    pub fn with_handle(mut self, handle: ServiceHandle) -> Self {
        self.handle = Some(handle);
        self
    }

    pub(crate) fn config(&self) -> &ValidatedDashboardIpcConfig {
        &self.inner.config
    }

    pub(crate) fn view(&self) -> &DashboardView {
        &self.inner.view
    }

    pub(crate) fn target_id(&self) -> &Arc<str> {
        &self.inner.target_id
    }

    /// Returns what the process says of itself.
    ///
    /// # Errors
    ///
    /// None today; room is left for a path that cannot be told.
    pub fn registration_payload(&self) -> Result<TargetProcessRegistration, DashboardError> {
        let config = self.config();
        let commands = ControlCommandKind::ALL.iter().map(|kind| SupportedCommand {
            name: kind.label().to_owned(),
            idempotent: kind.is_idempotent(),
            timeout_seconds: config.config().command_timeout_seconds,
        });
        Ok(TargetProcessRegistration {
            target_id: config.config().target_id.clone(),
            display_name: config.display_name().to_owned(),
            ipc_path: config.config().path.clone(),
            lease_seconds: config.lease_seconds(),
            supported_commands: commands.collect(),
        })
    }

    /// Returns the state at this moment, as of one event.
    #[must_use]
    pub fn current_dashboard_state(&self) -> DashboardState {
        self.view().state(self.config(), self.target_id())
    }

    /// The response to a request for the state, as a line: the same, made from what was made before
    /// as far as that has not changed.
    pub(crate) async fn state_line(&self, request_id: &str) -> Vec<u8> {
        let mut rendered = self.inner.rendered.lock().await;
        let line = rendered.line(request_id, self.view(), self.config(), self.target_id());
        // Nothing of ours fails to be written into memory.
        line.unwrap_or_default()
    }

    /// Answers a request, as if this process itself had sent it. A subscription is confirmed, and
    /// pushes nothing: that is a connection's to do.
    ///
    /// # Cancel safety
    ///
    /// A command that was begun is carried out to its end, whether or not somebody waits for it.
    pub async fn handle_request(&self, request: IpcRequest) -> IpcResponse {
        self.answer(request, Peer::own()).await
    }

    /// Answers a request of a peer.
    pub(crate) async fn answer(&self, request: IpcRequest, peer: Peer) -> IpcResponse {
        let result = match request.method {
            IpcMethod::Hello => self.hello(),
            IpcMethod::State => Ok(IpcResult::State {
                target_id: self.target_id().to_string(),
                state: Box::new(self.current_dashboard_state()),
            }),
            IpcMethod::EventsSubscribe => self.subscribed(&request, SubscriptionKind::Events),
            IpcMethod::LogsTail => self.subscribed(&request, SubscriptionKind::Logs),
            IpcMethod::Tasks => {
                let (tasks, counts) = self.view().tasks();
                Ok(IpcResult::Tasks {
                    target_id: self.target_id().to_string(),
                    tasks,
                    counts,
                })
            }
            IpcMethod::Why => Ok(self.view().why(self.target_id())),
            IpcMethod::Command(kind) => self.command(&request, kind, peer).await,
        };
        match result {
            Ok(result) => IpcResponse::success(request.request_id, result),
            Err(error) => {
                let error = error.of_target(self.target_id());
                IpcResponse::failure(request.request_id, error)
            }
        }
    }

    fn hello(&self) -> Result<IpcResult, DashboardError> {
        Ok(IpcResult::Hello {
            protocol_version: DASHBOARD_IPC_PROTOCOL_VERSION.to_owned(),
            registration: self.registration_payload()?,
        })
    }

    fn subscribed(
        &self,
        request: &IpcRequest,
        subscription: SubscriptionKind,
    ) -> Result<IpcResult, DashboardError> {
        let params = request.params::<SubscriptionParams>()?;
        if !params.session_established {
            return Err(DashboardError::new(
                DashboardErrorCode::SessionRequired,
                DashboardStage::Subscription,
                "event and log subscription must be triggered by an established dashboard session",
            ));
        }
        Ok(IpcResult::Subscription {
            target_id: self.target_id().to_string(),
            subscription,
        })
    }

    pub(super) fn gone(&self) -> DashboardError {
        DashboardError::new(
            DashboardErrorCode::TargetUnavailable,
            DashboardStage::CommandDispatch,
            "there is no service to take the command",
        )
        .retryable()
        .of_target(self.target_id())
    }
}

/// The params of a subscription.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
pub(crate) struct SubscriptionParams {
    #[serde(default)]
    pub(crate) session_established: bool,
    /// Of events: replay those after this one first.
    #[serde(default)]
    pub(crate) after_sequence: Option<u64>,
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
