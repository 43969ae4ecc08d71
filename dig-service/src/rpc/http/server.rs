//! The server as the service sees it: opened, drained, and closed by its scope's token.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::control::{Control, ServiceHandle};
use crate::rpc::RpcApi;
use crate::rpc::http::accept::Acceptor;
use crate::rpc::http::guard::Guard;
use crate::rpc::http::hooks::Hooks;
use crate::rpc::http::listen::listen;
#[cfg(feature = "ws")]
use crate::rpc::http::websocket::WebSocketOptions;
use crate::rpc::http::{HttpOptions, Page};
use crate::rpc::wire::{Calls, Door, Gate};
use crate::tasks::{TaskKind, TaskOptions, TaskRegistry};

/// The name of the server's scope, its tasks and its events.
pub(crate) const NAME: &str = "rpc_http";

/// A server that listens.
#[derive(Debug)]
pub(crate) struct HttpServer<R> {
    shared: Arc<Shared<R>>,
    address: SocketAddr,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared<R> {
    pub(super) calls: Calls<R>,
    pub(super) handle: ServiceHandle,
    pub(super) guard: Guard,
    pub(super) body_limit: usize,
    pub(super) body_timeout: Duration,
    pub(super) header_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) pages: Vec<Page>,
    pub(super) hooks: Hooks,
    #[cfg(feature = "ws")]
    pub(super) websocket: Option<WebSocketOptions>,
}

impl<R: RpcApi> HttpServer<R> {
    /// Binds, and accepts connections in a scope of `tasks` until that scope's token fires.
    pub(crate) async fn open(
        options: HttpOptions,
        api: Arc<R>,
        control: Arc<Control>,
        tasks: &TaskRegistry,
    ) -> anyhow::Result<Self> {
        options.tiers.check(R::methods())?;
        let listener = listen(&options.address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handle: ServiceHandle::new(Arc::clone(&control)),
            calls: Calls {
                api,
                door: Door::new(control, options.max_concurrent_calls),
                gate: Gate::new(R::methods(), options.hooks.filter.clone(), |tier| {
                    options.tiers.refuse(tier, address.ip().to_canonical())
                }),
                batch_limit: options.batch_limit,
                call_timeout: options.call_timeout,
            },
            guard: Guard::new(options.access, address.ip().to_canonical()),
            body_limit: options.body_limit,
            body_timeout: options.body_timeout,
            header_timeout: options.header_timeout,
            write_timeout: options.write_timeout,
            pages: options.pages,
            hooks: options.hooks,
            #[cfg(feature = "ws")]
            websocket: options.websocket,
        });
        let tasks = tasks.scope(NAME);
        let acceptor = Acceptor::new(listener, Arc::clone(&shared), options.max_connections);
        // Without it nobody can call any more, so its failure is the service's.
        let critical = TaskOptions::new(TaskKind::BackgroundLoop)
            .critical()
            .may_finish();
        tasks.spawn_with("rpc_http.accept", critical, |task| acceptor.run(task));
        Ok(Self { shared, address })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for running calls, cuts those left when `limit` ends, and returns how many. Goes on
    /// answering probes.
    pub(crate) async fn drain(&self, limit: impl Future<Output = Duration>) -> usize {
        self.shared.calls.door.drain(limit).await
    }
}
