//! The service on tokio-graceful-shutdown.

use common::{GRACE, Mode};
use tokio_graceful_shutdown::{SubsystemBuilder, SubsystemHandle, Toplevel};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mode = Mode::from_args();
    let ticker = async move |subsys: &mut SubsystemHandle| {
        let _guard = mode.begin();
        tokio::select! {
            () = mode.tick() => {}
            () = subsys.on_shutdown_requested(), if !mode.is_stubborn() => mode.stop(),
        }
        anyhow::Ok(())
    };
    let ended = Toplevel::new(async move |subsys: &mut SubsystemHandle| {
        subsys.start(SubsystemBuilder::new("ticker", ticker));
    })
    .catch_signals()
    .handle_shutdown_requests(GRACE)
    .await;
    mode.close();
    Ok(ended?)
}
