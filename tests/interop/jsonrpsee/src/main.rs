//! Both sides of dig-service's JSON-RPC before both of jsonrpsee's. README.md tells more.

mod chain;
mod our_client;
mod ours;
mod report;
mod their_client;
mod theirs;

use std::io::Read;

use anyhow::bail;
use dig_service::{RpcApi, ShutdownReason};
use serde_json::Value;

use crate::chain::Chain;
use crate::ours::Ours;
use crate::report::Report;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => check().await,
        Some("--openrpc") => print_document().await,
        Some("--serve") => serve().await,
        Some(other) => bail!("`{other}` is neither `--openrpc` nor `--serve`"),
    }
}

async fn check() -> anyhow::Result<()> {
    let mut report = Report::default();
    their_client::checks(&mut report).await?;
    our_client::checks(&mut report).await?;
    println!("jsonrpsee: all {} hold", report.count());
    Ok(())
}

/// Prints the OpenRPC document of the node.
async fn print_document() -> anyhow::Result<()> {
    let document = Chain::default().dispatch("rpc.discover", Value::Null).await;
    println!("{}", serde_json::to_string_pretty(&document?)?);
    Ok(())
}

/// Serves the node and prints where, until the standard input ends.
async fn serve() -> anyhow::Result<()> {
    let ours = Ours::start().await?;
    println!("{}", ours.url("http"));
    let handle = ours.handle.clone();
    std::thread::spawn(move || {
        // However it ends, it has ended.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        handle.request_shutdown(ShutdownReason::UserRequested);
    });
    ours.end().await
}
