//! A daemon: a node that works by itself, and another value that answers for it over RPC.
//!
//! The node looks at a folder every few seconds; the RPC slot tells what it saw last. The two share
//! one value and know nothing else of each other: `Service<Watcher, (), Desk>`. Under systemd, a unit
//! with `Type=notify` and `WatchdogSec` is told when it is ready, and fed while it looks.
//!
//! ```text
//! cargo run --example daemon -- FOLDER 127.0.0.1:9778
//! curl --json '{"jsonrpc":"2.0","id":1,"method":"folder.latest"}' http://127.0.0.1:9778
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use anyhow::Context;
use dig_service::{Deadlines, ErrorCode, JsonRpcError, RunContext, Service};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(5);

/// What was seen at one look.
#[derive(Clone, Debug, Serialize)]
struct Sight {
    look: u64,
    files: u64,
    bytes: u64,
}

/// Looks at a folder.
struct Watcher {
    folder: PathBuf,
    latest: watch::Sender<Option<Sight>>,
}

#[dig_service::node(name = "daemon", lifecycle_only)]
impl Watcher {
    #[pre_start]
    fn check(&self) -> anyhow::Result<()> {
        let folder = self.folder.display();
        look_at(&self.folder).with_context(|| format!("cannot look at `{folder}`"))?;
        Ok(())
    }

    #[run]
    async fn watch(&self, ctx: RunContext) -> anyhow::Result<()> {
        let heartbeat = ctx.tasks.heartbeat("look", 4 * EVERY);
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for look in 1.. {
            tokio::select! {
                () = ctx.shutdown.cancelled() => break,
                _ = ticks.tick() => heartbeat.beat(),
            }
            let folder = self.folder.clone();
            // A folder that is gone for a while is no reason to stop.
            match tokio::task::spawn_blocking(move || look_at(&folder)).await? {
                Ok((files, bytes)) => {
                    let sight = Sight { look, files, bytes };
                    tracing::info!(files, bytes, "looked");
                    self.latest.send_replace(Some(sight));
                }
                Err(error) => tracing::warn!(%error, "cannot look"),
            }
        }
        Ok(())
    }

    #[on_stop]
    fn sum_up(&self) {
        tracing::info!(latest = ?*self.latest.borrow(), "last sight");
    }
}

/// Answers for the watcher.
struct Desk {
    latest: watch::Receiver<Option<Sight>>,
}

#[dig_service::node(rpc_only, namespace = "folder", separator = ".")]
impl Desk {
    /// Tells what was seen last.
    #[rpc]
    fn latest(&self) -> Result<Sight, JsonRpcError> {
        let latest = self.latest.borrow().clone();
        latest.ok_or_else(|| JsonRpcError::new(ErrorCode::NotSynced, "nothing was seen yet"))
    }
}

#[dig_service::dig_main(exit_codes = "sysexits")]
async fn main() -> Service<Watcher, (), Desk> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned()).into();
    let address = arguments.next();
    let address = address.unwrap_or_else(|| "127.0.0.1:9778".to_owned());
    let (sender, latest) = watch::channel(None);
    let watcher = Watcher {
        folder,
        latest: sender,
    };
    Service::builder(watcher)
        .rpc_api(Desk { latest })
        .rpc_http(address)
        .systemd()
        .deadlines(Deadlines::default().with_total(Duration::from_secs(10)))
        .build()
}

/// Counts the files in a folder, and their bytes.
fn look_at(folder: &Path) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let metadata = entry?.metadata()?;
        if metadata.is_file() {
            files += 1;
            bytes += metadata.len();
        }
    }
    Ok((files, bytes))
}
