//! The control socket of a running service, spoken to over the wire.

mod bind;
mod commands;
mod life;
mod protocol;
mod relay;
mod replay;
mod rude;
mod soak;
mod subscriptions;
mod whole;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dig_service::dashboard::{Dashboard, DashboardIpcConfig, LogTap};
use dig_service::supervisor::{
    Backoff, ChildContext, ChildSpec, Intensity, OnGiveUp, RestartPolicy, Supervisor,
};
use dig_service::{ExitStatus, NodeLifecycle, Phase, Service, ServiceError, ServiceHandle};
use tokio::task::JoinHandle;

use self::wire::Wire;

/// A folder that is removed with what is in it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("dig-d{}-{number}", std::process::id()));
        Self(path)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("node.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Node;

impl NodeLifecycle for Node {
    const NAME: Option<&'static str> = Some("node");
}

/// A service with a socket, running.
pub(crate) struct Live {
    pub(crate) handle: ServiceHandle,
    pub(crate) ended: JoinHandle<Result<ExitStatus, ServiceError>>,
    pub(crate) folder: Folder,
}

pub(crate) fn config(folder: &Folder) -> DashboardIpcConfig {
    DashboardIpcConfig::new("node-1", folder.socket())
}

async fn waiting(cx: ChildContext) -> anyhow::Result<()> {
    cx.shutdown.cancelled().await;
    Ok(())
}

/// A child that waits for its end.
pub(crate) fn calm(name: &'static str) -> ChildSpec {
    ChildSpec::factory(name, waiting)
}

/// A child that fails at once, for ever.
pub(crate) fn flapping(name: &'static str) -> ChildSpec {
    let pace = Duration::from_millis(2);
    ChildSpec::factory(name, |_| async { anyhow::bail!("no luck") })
        .restart(RestartPolicy::Always)
        .backoff(Backoff::new(pace, pace).unwrap_or_default())
        .intensity(Intensity::unlimited())
}

/// The children of most tests.
pub(crate) fn tree() -> Supervisor {
    let group = || Supervisor::new().child(calm("twin")).child(calm("inner"));
    Supervisor::new()
        .factory("calm", |cx, _| waiting(cx))
        .child(calm("feed").tag("market").on_give_up(OnGiveUp::Quarantine))
        .child(calm("index").depends_on("feed"))
        .child(calm("twin"))
        .child(ChildSpec::group("group", group()))
}

impl Live {
    pub(crate) async fn start() -> Self {
        Self::with(tree(), |config| config).await
    }

    pub(crate) async fn with(
        children: Supervisor,
        adjust: impl FnOnce(DashboardIpcConfig) -> DashboardIpcConfig,
    ) -> Self {
        Self::with_logs(children, adjust, LogTap::new()).await
    }

    pub(crate) async fn with_logs(
        children: Supervisor,
        adjust: impl FnOnce(DashboardIpcConfig) -> DashboardIpcConfig,
        logs: LogTap,
    ) -> Self {
        let folder = Folder::new();
        let config = adjust(config(&folder));
        let service = Service::builder(Node)
            .supervisor(children)
            .dashboard(Dashboard::new(config).logs(logs))
            .build();
        let handle = service.handle();
        let ended = spawn(service.start());
        let mut phase = handle.phase();
        if phase
            .wait_for(|phase| *phase >= Phase::Running)
            .await
            .is_err()
        {
            panic!("the service is gone");
        }
        // The children are started with the phase; their first events follow at once.
        for path in ["/feed", "/group/inner"] {
            if handle.supervisor().child(path).is_ok() {
                let running = dig_service::supervisor::ChildPhase::Running;
                let _ = handle.supervisor().wait_for(path, running).await;
            }
        }
        Self {
            handle,
            ended,
            folder,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.socket()
    }

    pub(crate) async fn wire(&self) -> Wire {
        Wire::connect(&self.path()).await
    }

    pub(crate) async fn stop(self) {
        self.handle
            .request_shutdown(dig_service::ShutdownReason::UserRequested);
        match self.ended.await {
            Ok(Ok(status)) => assert!(status.is_graceful()),
            other => panic!("{other:?}"),
        }
        assert!(!exists(&self.folder.socket()), "the socket is left behind");
    }
}

pub(crate) fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

#[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}
