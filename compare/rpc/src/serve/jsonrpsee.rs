//! jsonrpsee with its defaults.

use jsonrpsee::RpcModule;
use jsonrpsee::server::Server;
use jsonrpsee::types::ErrorObjectOwned;
use serde::Deserialize;

use crate::serve::{ADDRESS, Until, announce};

/// How many methods there are.
const METHODS: usize = 32;

#[derive(Deserialize)]
struct Params {
    a: u64,
    b: u64,
}

fn methods() -> anyhow::Result<RpcModule<()>> {
    let mut module = RpcModule::new(());
    for number in 0..METHODS {
        // Names live as long as the program does.
        let name: &'static str = format!("method_{number:02}").leak();
        module.register_method(name, |params, (), _| {
            let Params { a, b } = params.parse()?;
            Ok::<u64, ErrorObjectOwned>(a + b)
        })?;
    }
    Ok(module)
}

pub(super) async fn serve(until: Until) -> anyhow::Result<()> {
    let server = Server::builder().build(ADDRESS).await?;
    announce(server.local_addr()?)?;
    let handle = server.start(methods()?);
    until.reached().await;
    handle.stop()?;
    handle.stopped().await;
    Ok(())
}
