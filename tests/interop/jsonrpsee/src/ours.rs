//! A server of ours.

use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
use dig_service::{ExitStatus, Phase, Service, ServiceHandle, ShutdownReason};
use tokio::task::JoinHandle;

use crate::chain::Chain;

/// A service in phase Running.
pub struct Ours {
    pub handle: ServiceHandle,
    /// How many listen to the heads, and how one reaches them.
    pub heads: tokio::sync::broadcast::Sender<u64>,
    service: JoinHandle<dig_service::Result<ExitStatus>>,
}

impl Ours {
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(|options| options, WebSocketOptions::new()).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a service runs beside its checks"
    )]
    pub async fn start_with(
        options: impl FnOnce(HttpOptions) -> HttpOptions,
        websocket: WebSocketOptions,
    ) -> anyhow::Result<Self> {
        let node = Chain::default();
        let heads = node.heads.clone();
        let options = options(HttpOptions::new("127.0.0.1:0").websocket(websocket));
        let service = Service::node_builder(node).rpc_http_with(options).build();
        let handle = service.handle();
        let service = tokio::spawn(service.start());
        let mut phase = handle.phase();
        phase.wait_for(|phase| *phase == Phase::Running).await?;
        Ok(Self {
            handle,
            heads,
            service,
        })
    }

    /// Where it listens.
    pub fn url(&self, scheme: &str) -> String {
        let address = self.handle.rpc_http_addr();
        let address = address.map_or_else(String::new, |address| address.to_string());
        format!("{scheme}://{address}")
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.handle.request_shutdown(ShutdownReason::UserRequested);
        self.end().await
    }

    pub async fn end(self) -> anyhow::Result<()> {
        self.service.await??;
        Ok(())
    }
}
