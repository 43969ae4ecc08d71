//! JSON-RPC over WebSockets: our server before a client that is not ours, and both of ours together.

#![expect(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    clippy::unused_self,
    reason = "methods of tests have the signatures that are tested, and helpers may stop the test"
)]

mod client;
mod handshake;
mod limits;
mod node;
mod odd_servers;
mod protocol;
mod raw;

use std::net::SocketAddr;
use std::sync::Arc;

use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
use dig_service::{Service, TaskRegistry};
use tokio::sync::Semaphore;

use self::node::Feeds;
use crate::running::Running;

/// A service that pushes, with these options.
async fn serve(
    node: Feeds,
    options: impl FnOnce(HttpOptions) -> HttpOptions,
    websocket: WebSocketOptions,
) -> Running {
    let options = options(HttpOptions::new("127.0.0.1:0").websocket(websocket));
    Running::start(Service::node_builder(node).rpc_http_with(options).build()).await
}

async fn plain() -> Running {
    serve(Feeds::default(), |options| options, WebSocketOptions::new()).await
}

/// A service of which the calls of `hold` are let go by the semaphore.
async fn gated() -> (Running, Arc<Semaphore>) {
    let node = Feeds::default();
    let gate = Arc::clone(&node.gate);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    (running, gate)
}

fn address(running: &Running) -> SocketAddr {
    running.handle.rpc_http_addr().expect("it listens")
}

/// Where the tasks of clients run.
fn tasks() -> TaskRegistry {
    TaskRegistry::new(dig_service::ShutdownToken::new())
}
