//! The servers, each as its framework's users write it.

mod axum;
mod dig_service;
mod jsonrpsee;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread;

use anyhow::Context;
use tokio::sync::oneshot;

use crate::contestant::Contestant;

/// Where every server listens.
const ADDRESS: &str = "127.0.0.1:0";

/// Serves until stdin is closed.
pub fn run(contestant: Contestant) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let until = Until::stdin_is_closed();
    runtime.block_on(async {
        match contestant {
            Contestant::Axum | Contestant::AxumWs => axum::serve(until).await,
            Contestant::Jsonrpsee | Contestant::JsonrpseeWs => jsonrpsee::serve(until).await,
            Contestant::DigService | Contestant::DigServiceWs => dig_service::serve(until).await,
        }
    })
}

/// When to stop.
struct Until(oneshot::Receiver<()>);

impl Until {
    fn stdin_is_closed() -> Self {
        let (closed, is_closed) = oneshot::channel();
        thread::spawn(move || {
            // An error is an end as well.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            drop(closed);
        });
        Self(is_closed)
    }

    async fn reached(self) {
        // Nothing is ever sent: it is the sender's end that counts.
        let _ = self.0.await;
    }
}

/// Tells the parent where the server listens.
fn announce(address: SocketAddr) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{address}").context("nobody reads the address")?;
    out.flush().context("nobody reads the address")
}
