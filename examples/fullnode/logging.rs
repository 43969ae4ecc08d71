//! Logs: on stderr, in colour only on a terminal, and for the dashboard.

use std::env;
use std::io::{self, IsTerminal};

use anyhow::Context;
use dig_service::dashboard::LogTap;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Installs the subscriber, and gives the dashboard's tap on it. Without a filter, `RUST_LOG` has
/// its say, and then `info`.
pub(crate) fn init(filter: Option<&str>) -> anyhow::Result<LogTap> {
    let (source, text) = match (filter, env::var("RUST_LOG")) {
        (Some(filter), _) => ("--log", filter.to_owned()),
        (None, Ok(filter)) if !filter.is_empty() => ("RUST_LOG", filter),
        (None, _) => ("default", "info".to_owned()),
    };
    let filter = EnvFilter::builder()
        .parse(&text)
        .with_context(|| format!("{source}: `{text}` is not a log filter"))?;
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let tap = LogTap::new();
    let text = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && !is_plain);
    tracing_subscriber::registry()
        .with(filter)
        .with(text)
        .with(tap.layer())
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging: {error}"))?;
    Ok(tap)
}
