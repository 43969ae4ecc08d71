//! Children that fail, hang, flap and get stuck, and a supervisor that looks after them.
//!
//! ```sh
//! cargo run --example supervised                    # a table of states, once a second; Ctrl-C ends it
//! cargo run --example supervised -- --seed 7 --seconds 8
//! cargo run --example supervised -- --escalate      # the flapping child is given up: exit code 70
//! cargo run --example supervised -- --dashboard /tmp/supervised.sock   # and `digctl -s` that path
//! ```
//!
//! | child | what it does |
//! |---|---|
//! | `/market/feed` | replays a recording, and fails at random, by the seed |
//! | `/market/candles` | counts what the feed says; the two are restarted together |
//! | `/flapping` | fails at once, again and again, until it is quarantined |
//! | `/sticky` | blocks its thread without a sign of life: hung, aborted, stuck, and back when it is free |
//! | `/compact` | a periodic job of the node, written as a method |
//! | any other | added through the dashboard, by a manifest with `factory_key: counter` or `stubborn` |
//!
//! The same seed gives the same failures and the same delays.

mod market;
mod table;
mod trouble;

use std::io::IsTerminal;
use std::path::{PathBuf, absolute};
use std::time::Duration;

use clap::Parser;
use dig_service::dashboard::{Dashboard, DashboardIpcConfig, LogTap};
use dig_service::prelude::*;
use dig_service::supervisor::{ChildSpec, Supervisor};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::market::Market;

/// Children that fail, and a supervisor that looks after them.
#[derive(Clone, Parser)]
struct Args {
    /// What the failures and the delays follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long it runs; until it is told to stop by default.
    #[arg(long)]
    seconds: Option<u64>,
    /// How often the table is printed, in milliseconds.
    #[arg(long, default_value_t = 1000)]
    every: u64,
    /// Stop the whole service when the flapping child is given up; without the sticky one.
    #[arg(long)]
    escalate: bool,
    /// Log what happens.
    #[arg(long)]
    log: bool,
    /// Let `digctl` in through a socket at this path.
    #[arg(long, value_name = "PATH")]
    dashboard: Option<PathBuf>,
}

/// Shows how its children stand.
struct Watcher {
    args: Args,
}

#[dig_service::node(name = "supervised")]
impl Watcher {
    #[run]
    async fn watch(&self, cx: RunContext) {
        let end = self.args.seconds.map(Duration::from_secs);
        tokio::select! {
            () = cx.shutdown.cancelled() => {}
            () = elapsed(end) => {}
        }
    }

    /// A job that takes longer than its period now and then.
    #[task(every = "700ms", jitter = "20%")]
    async fn compact(&self) {
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn elapsed(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// Taps the log for the dashboard, and writes it to stderr if that is wanted.
fn log(is_wanted: bool) -> LogTap {
    let tap = LogTap::new();
    let text = is_wanted.then(|| tracing_subscriber::fmt::layer().with_writer(std::io::stderr));
    tracing_subscriber::registry()
        .with(text)
        .with(tap.layer())
        .with(LevelFilter::INFO)
        .init();
    tap
}

#[dig_service::dig_main(exit_codes = "sysexits")]
async fn main() -> anyhow::Result<impl MainOutput> {
    let args = Args::parse();
    let logs = log(args.log);
    let every = Duration::from_millis(args.every.max(50));
    let market = Market::new(args.seed)?;
    let mut builder = Service::node_builder(Watcher { args: args.clone() })
        .supervisor(trouble::factories(Supervisor::new().seed(args.seed)))
        .supervise(ChildSpec::group("market", market.supervisor()))
        .supervise(trouble::flapping(args.escalate)?);
    if !args.escalate {
        builder = builder.supervise(trouble::sticky());
    }
    if let Some(path) = &args.dashboard {
        let config = DashboardIpcConfig::new("supervised", absolute(path)?);
        builder = builder.dashboard(Dashboard::new(config).logs(logs));
    }
    let service = builder.build();
    let supervisor = service.handle().supervisor();
    let has_colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    service
        .tasks()
        .spawn_with("table", TaskKind::Maintenance, move |cx| async move {
            while !cx.shutdown.is_cancelled() {
                if let Some(state) = supervisor.state() {
                    table::print(&state, has_colours);
                }
                tokio::select! {
                    () = cx.shutdown.cancelled() => {}
                    () = tokio::time::sleep(every) => {}
                }
            }
            Ok(())
        });
    Ok(service)
}
