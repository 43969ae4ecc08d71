//! A service that runs beside its test.

#![expect(clippy::expect_used, reason = "helpers of tests may stop the test")]

use dig_service::{ExitStatus, NodeLifecycle, PeerApi, Phase, RpcApi, Service, ServiceHandle};
use dig_service::{Result, ShutdownReason};
use tokio::task::JoinHandle;

/// A service in phase Running.
pub(crate) struct Running {
    pub(crate) handle: ServiceHandle,
    service: JoinHandle<Result<ExitStatus>>,
}

impl Running {
    /// Starts a service and waits until it runs.
    #[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
    pub(crate) async fn start<N, A, R>(service: Service<N, A, R>) -> Self
    where
        N: NodeLifecycle,
        A: PeerApi,
        R: RpcApi,
    {
        let handle = service.handle();
        let service = tokio::spawn(service.start());
        let mut phase = handle.phase();
        let running = phase.wait_for(|phase| *phase == Phase::Running);
        running.await.expect("it starts");
        Self { handle, service }
    }

    /// Where it listens, as a URL of this scheme.
    pub(crate) fn url(&self, scheme: &str) -> String {
        let address = self.handle.rpc_http_addr().expect("it listens");
        format!("{scheme}://{address}")
    }

    /// Stops it and waits for its end.
    pub(crate) async fn stop(self) {
        self.handle.request_shutdown(ShutdownReason::UserRequested);
        self.end().await;
    }

    /// Waits for its end.
    pub(crate) async fn end(self) {
        let ended = self.service.await.expect("it does not panic");
        ended.expect("it ends well");
    }
}
