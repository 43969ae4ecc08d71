//! Wires the JSON-RPC server into the service.

use std::sync::Arc;

use crate::error::BoxFuture;
use crate::event::EventKind;
use crate::rpc::RpcApi;
use crate::rpc::http::{HttpOptions, HttpServer, NAME, Page};
use crate::service::ServiceBuilder;
use crate::service::attachment::{Attachment, Limit, OpenContext};

impl<N, A, R> ServiceBuilder<N, A, R> {
    /// Serves the RPC slot as JSON-RPC over HTTP on this address, as in `127.0.0.1:9778`.
    ///
    /// The limits are those of [`HttpOptions::new`](crate::rpc_http::HttpOptions::new); how requests
    /// are answered is told in [`rpc_http`](crate::rpc_http). A second call replaces the first.
    pub fn rpc_http(self, address: impl Into<String>) -> Self {
        self.rpc_http_with(HttpOptions::new(address))
    }

    /// Serves the RPC slot as JSON-RPC over HTTP, with limits of one's own.
    ///
    /// A second call replaces the first.
    pub fn rpc_http_with(mut self, options: HttpOptions) -> Self {
        self.rpc_http = Some(options);
        self
    }
}

impl<N, A, R> ServiceBuilder<N, A, R> {
    /// Serves a page beside JSON-RPC.
    #[cfg(feature = "metrics")]
    pub(crate) fn page(mut self, page: Page) -> Self {
        self.pages.retain(|other| other.path != page.path);
        self.pages.push(page);
        self
    }
}

/// What fails the start if there are pages and no server for them.
pub(super) fn unserved(pages: &[Page]) -> Option<Box<dyn Attachment>> {
    let path = pages.first()?.path;
    Some(Box::new(Unserved { path }))
}

struct Unserved {
    path: &'static str,
}

impl Attachment for Unserved {
    fn open(&mut self, _: OpenContext) -> BoxFuture<'_, anyhow::Result<()>> {
        let path = self.path;
        Box::pin(async move {
            anyhow::bail!(
                "`{path}` is served by the HTTP server, and there is none; add `rpc_http`"
            )
        })
    }

    fn drain(&mut self, _: Limit) -> BoxFuture<'_, usize> {
        Box::pin(std::future::ready(0))
    }
}

/// Makes the attachment that serves `api`.
pub(super) fn attach<R: RpcApi>(options: HttpOptions, api: Arc<R>) -> Box<dyn Attachment> {
    Box::new(RpcHttp {
        options,
        api,
        server: None,
    })
}

struct RpcHttp<R> {
    options: HttpOptions,
    api: Arc<R>,
    server: Option<HttpServer<R>>,
}

impl<R: RpcApi> Attachment for RpcHttp<R> {
    fn open(&mut self, cx: OpenContext) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let (options, api) = (self.options.clone(), Arc::clone(&self.api));
            let control = Arc::clone(&cx.control);
            let server = HttpServer::open(options, api, control, &cx.tasks).await?;
            let address = server.address();
            // One server per service: it is set once.
            let _ = cx.control.rpc_http_addr.set(address);
            tracing::info!(%address, "serving JSON-RPC over HTTP");
            cx.control.journal.record(EventKind::TransportBound {
                name: NAME,
                address: address.to_string(),
            });
            self.server = Some(server);
            Ok(())
        })
    }

    fn drain(&mut self, limit: Limit) -> BoxFuture<'_, usize> {
        Box::pin(async move {
            match &self.server {
                Some(server) => server.drain(limit.reached_with_rest()).await,
                None => 0,
            }
        })
    }
}
