//! `fullnode follow`: prints the hashes of blobs as a running node gets them.

use std::io::{self, Write};

use anyhow::Context;
use dig_service::client::{ClientError, WsTransport};
use dig_service::{ErrorCode, ShutdownToken, TaskRegistry};

use crate::cli::FollowArgs;
use crate::node::FullNodeClient;

/// Prints until the node stops, or nobody reads.
///
/// # Errors
///
/// The node cannot be reached, or is lost.
///
/// # Cancel safety
///
/// Cancel safe: `--after` with the last place that was printed goes on where it was.
pub(crate) async fn run(args: &FollowArgs) -> anyhow::Result<()> {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let target = WsTransport::to(&format!("ws://{}", args.rpc))?;
    let transport = target.connect(&tasks).await;
    let transport =
        transport.with_context(|| format!("no node answers at ws://{} (--rpc)", args.rpc))?;
    let mut arrivals = FullNodeClient::new(transport).follow(args.after).await?;
    while let Some(arrived) = arrivals.next().await {
        let arrived = match arrived {
            Ok(arrived) => arrived,
            // The node's end is no failure of ours.
            Err(ClientError::Rpc(error)) if error.code == ErrorCode::ShutdownPending => break,
            Err(error) => return Err(error.into()),
        };
        if writeln!(io::stdout(), "{}  {}", arrived.hash, arrived.place).is_err() {
            break;
        }
    }
    Ok(())
}
