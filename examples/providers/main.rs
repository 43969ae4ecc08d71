//! Four providers that depend on one another, with a configuration file that is reloaded in place.
//!
//! ```sh
//! printf 'greeting = hello\ncache = 2\n' > /tmp/kv.conf
//! cargo run --example providers -- --config /tmp/kv.conf --listen 127.0.0.1:9790
//! curl 127.0.0.1:9790/greeting             # hello
//! curl -X PUT 127.0.0.1:9790/key/a -d one  # stored
//! printf 'greeting = good day\ncache = 9\n' > /tmp/kv.conf   # taken up within a second, or by HUP
//! printf 'greeting good day\n' > /tmp/kv.conf                # refused: the old one stays
//! ```
//!
//! `http` needs `cache` and `store`, `cache` needs `store`; `watch` asks for a reload when the file
//! changes. What is registered where does not matter: the plan puts them in order.

mod cache;
mod config;
mod http;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use dig_service::prelude::*;
use dig_service::registry::Registry;

use crate::cache::Cache;
use crate::config::{Config, Watch};
use crate::http::Http;
use crate::store::Store;

/// A small key-value service.
#[derive(Parser)]
struct Args {
    /// The configuration: `greeting = TEXT` and `cache = ENTRIES`, a line each.
    #[arg(long)]
    config: PathBuf,
    /// Where the values are kept; a file that is made if need be.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where HTTP is served.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
}

/// All there is to do is done by the providers.
#[dig_service::node(name = "kv")]
struct Kv;

#[dig_service::dig_main(exit_codes = "sysexits")]
async fn main() -> anyhow::Result<impl MainOutput> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let args = Args::parse();
    let data = args
        .data
        .unwrap_or_else(|| args.config.with_extension("redb"));
    let config = Config::new(args.config);

    let registry = Registry::new();
    registry
        .insert(Arc::new(Http::new(args.listen)))
        .insert(Arc::new(Cache::default()))
        .insert(Arc::new(Store::new(data)))
        .insert(Arc::new(Watch));
    let service = Service::builder(Kv)
        .providers(registry, config.clone())
        .build();
    // The state holds a handle, and not the registry, which would hold the state.
    config.steered_by(service.handle());
    Ok(service)
}
