//! A content-addressed store node: the flagship example of `dig-service`, with all three slots.
//!
//! ```text
//! cargo run --release --example fullnode -- --peer-listen 127.0.0.1:9779
//! cargo run --release --example fullnode -- import .
//! cargo run --release --example fullnode -- follow --after 0
//! python3 examples/fullnode/call.py http://127.0.0.1:9778 store.put data=hello
//! curl --json '{"jsonrpc":"2.0","id":1,"method":"store.stat"}' http://127.0.0.1:9778
//! ```
//!
//! | file | what it is |
//! |---|---|
//! | `cli`, `logging` | the command line; logs on stderr |
//! | `node`, `rpc` | the node's hooks and RPC methods; what those take and return |
//! | `store` | blobs on disk |
//! | `peers` | the peer slot: blobs from and for other nodes |
//! | `import`, `follow` | commands that put files into a running node, and print what it gets: through the generated client |
//! | `call.py` | calls a running node by what it says of its methods |

mod blob;
mod cli;
mod follow;
mod import;
mod logging;
mod node;
mod peers;
mod rpc;
mod store;
#[cfg(test)]
mod testing;

use std::io::{self, Write};
use std::path::absolute;

use clap::Parser;
use dig_service::dashboard::{Dashboard, DashboardIpcConfig};
use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
use dig_service::{MainOutput, Phase, Service, ServiceHandle, TaskKind};

use crate::cli::{Cli, Command};
use crate::node::FullNode;
use crate::peers::Peers;

#[dig_service::dig_main]
async fn main() -> anyhow::Result<Option<impl MainOutput>> {
    let cli = Cli::parse();
    let logs = logging::init(cli.log_filter())?;
    match cli.command {
        Some(Command::Import(args)) => {
            import::run(&args).await?;
            return Ok(None);
        }
        Some(Command::Follow(args)) => {
            follow::run(&args).await?;
            return Ok(None);
        }
        None => {}
    }

    let rpc = HttpOptions::new(cli.node.rpc.to_string()).websocket(WebSocketOptions::new());
    let data = cli.node.data.display().to_string();
    let dashboard = cli.node.dashboard.clone();
    let node = FullNode::new(cli.node);
    let peers = node.peers().clone();
    let mut builder = Service::node_builder(node)
        .peer_api(peers.clone())
        .rpc_http_with(rpc)
        .metrics();
    if let Some(path) = dashboard {
        let config = DashboardIpcConfig::new("fullnode", absolute(path)?);
        builder = builder.dashboard(Dashboard::new(config).logs(logs));
    }
    let service = builder.build();
    let announcement = announce(service.handle(), peers, data);
    service
        .tasks()
        .spawn("announcement", TaskKind::Maintenance, announcement);
    Ok(Some(service))
}

/// Prints the one line on stdout, once the node is ready.
async fn announce(service: ServiceHandle, peers: Peers, data: String) -> anyhow::Result<()> {
    let phase = *service
        .phase()
        .wait_for(|phase| *phase >= Phase::Running)
        .await?;
    if let (Phase::Running, Some(rpc)) = (phase, service.rpc_http_addr()) {
        let peer = peers.listens_at();
        let peer = peer.map_or_else(|| "-".to_owned(), |addr| addr.to_string());
        // Whoever started the node may not care, and have closed its end.
        let _ = writeln!(
            io::stdout(),
            "ready rpc=http://{rpc} peer={peer} data={data}"
        );
    }
    Ok(())
}
