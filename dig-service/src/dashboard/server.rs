//! The socket in the life of a service: bound before the first hook, closed after the last.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::dashboard::audit::AuditFile;
use crate::dashboard::bind::{DashboardListener, bind_dashboard_listener};
use crate::dashboard::connection::Connection;
use crate::dashboard::peer::Peer;
use crate::dashboard::{
    DashboardError, DashboardErrorCode, DashboardIpcConfig, DashboardIpcService, DashboardStage,
    DashboardView, IpcResponse, LogTap, relay,
};
use crate::service::{Attach, AttachContext};
use crate::tasks::{TaskKind, TaskOptions, TaskRegistry};

/// The name in errors, events and listings.
const NAME: &str = "dashboard";
/// How long to wait after the system refuses a connection for want of descriptors.
const AFTER_ERROR: Duration = Duration::from_millis(100);
/// How long a refusal may take to be written.
const REFUSAL: Duration = Duration::from_millis(100);

/// A control socket for a service: given to
/// [`ServiceBuilder::dashboard`](crate::ServiceBuilder::dashboard).
#[derive(Clone, Debug)]
#[must_use = "a dashboard does nothing until it is given to a builder"]
pub struct Dashboard {
    config: DashboardIpcConfig,
    logs: Option<LogTap>,
}

impl Dashboard {
    /// Listens as the configuration says, which is checked when the service starts.
    pub const fn new(config: DashboardIpcConfig) -> Self {
        Self { config, logs: None }
    }

    /// Shows the log as well.
    pub fn logs(mut self, logs: LogTap) -> Self {
        self.logs = Some(logs);
        self
    }
}

impl From<DashboardIpcConfig> for Dashboard {
    fn from(config: DashboardIpcConfig) -> Self {
        Self::new(config)
    }
}

#[async_trait]
impl Attach for Dashboard {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn start(&mut self, cx: AttachContext) -> anyhow::Result<()> {
        let config = self.config.validate()?;
        let mut view = DashboardView::new(&cx.service);
        if let Some(logs) = &self.logs {
            view = view.with_logs(logs.clone());
        }
        let audit = AuditFile::open(&config).context("audit_file cannot be opened")?;
        let listener = bind_dashboard_listener(&config)?;
        cx.service
            .note_bound(NAME, &listener.path().display().to_string());
        let service = DashboardIpcService::with_audit(config.clone(), view, audit);
        let service = service.with_handle(cx.service.clone());
        let room = Arc::new(Semaphore::new(config.config().max_connections));
        if config.config().relay_path.is_some() {
            let relay = relay::register(service.clone(), cx.tasks.shutdown().clone());
            cx.tasks
                .spawn("dashboard.relay", TaskKind::Maintenance, relay);
        }
        let acceptor = Acceptor {
            listener,
            service,
            room,
            tasks: cx.tasks.clone(),
        };
        cx.tasks
            .spawn("dashboard.accept", TaskKind::BackgroundLoop, acceptor.run());
        Ok(())
    }
}

/// Takes connections in. The socket's file goes with it.
struct Acceptor {
    listener: DashboardListener,
    service: DashboardIpcService,
    room: Arc<Semaphore>,
    tasks: TaskRegistry,
}

impl Acceptor {
    async fn run(self) -> anyhow::Result<()> {
        let token = self.tasks.shutdown().clone();
        loop {
            let accepted = tokio::select! {
                biased;
                () = token.cancelled() => return Ok(()),
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => self.take(stream),
                Err(error) => {
                    // A connection that is gone already, or no descriptor left: neither is for good.
                    tracing::warn!(%error, "dashboard connection not accepted");
                    tokio::select! {
                        () = token.cancelled() => return Ok(()),
                        () = sleep(AFTER_ERROR) => {}
                    }
                }
            }
        }
    }

    fn take(&self, stream: UnixStream) {
        let service = self.service.clone();
        let admitted = Peer::of(&stream).and_then(|peer| peer.admit(service.config().config()));
        let permit = Arc::clone(&self.room).try_acquire_owned();
        let refusal = match (&admitted, &permit) {
            (Err(error), _) => Some(error.clone()),
            (Ok(_), Err(_)) => Some(full(service.config().config().max_connections)),
            (Ok(_), Ok(_)) => None,
        };
        let token = self.tasks.shutdown().clone();
        let serve = async move {
            match (admitted, permit, refusal) {
                (Ok(peer), Ok(_permit), None) => {
                    Connection::new(service, peer, stream).serve(token).await;
                }
                (_, _, refusal) => refuse(stream, &service, refusal).await,
            }
            Ok(())
        };
        let options = TaskOptions::new(TaskKind::RpcHandler);
        // Refused, everything is over: the peer sees the end of the stream.
        let _ = self.tasks.detach("dashboard.connection", options, serve);
    }
}

fn full(limit: usize) -> DashboardError {
    let what = format!("all {limit} connections are taken; close one and try again");
    let (code, stage) = (
        DashboardErrorCode::TooManyConnections,
        DashboardStage::Accept,
    );
    DashboardError::new(code, stage, what).retryable()
}

/// Says why a connection is not served, and closes it.
async fn refuse(
    mut stream: UnixStream,
    service: &DashboardIpcService,
    why: Option<DashboardError>,
) {
    let Some(why) = why else { return };
    let response = IpcResponse::unreadable(why.of_target(service.target_id()));
    let Ok(mut line) = serde_json::to_vec(&response) else {
        return;
    };
    line.push(b'\n');
    // Whoever does not read it does not care.
    let _ = timeout(REFUSAL, stream.write_all(&line)).await;
}
