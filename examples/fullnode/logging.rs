//! Logs: on stderr, in colour only on a terminal.

use std::env;
use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// Installs the subscriber. Without a filter, `RUST_LOG` has its say, and then `info`.
pub(crate) fn init(filter: Option<&str>) -> anyhow::Result<()> {
    let (source, text) = match (filter, env::var("RUST_LOG")) {
        (Some(filter), _) => ("--log", filter.to_owned()),
        (None, Ok(filter)) if !filter.is_empty() => ("RUST_LOG", filter),
        (None, _) => ("default", "info".to_owned()),
    };
    let filter = EnvFilter::builder()
        .parse(&text)
        .with_context(|| format!("{source}: `{text}` is not a log filter"))?;
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && !is_plain)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging: {error}"))
}
