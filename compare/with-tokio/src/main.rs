//! The service on tokio alone, as the topic "Graceful Shutdown" of its guide builds it.

use common::{GRACE, Mode};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mode = Mode::from_args();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let token = CancellationToken::new();
    let tracker = TaskTracker::new();
    let shutdown = token.clone();
    tracker.spawn(async move {
        let _guard = mode.begin();
        tokio::select! {
            () = mode.tick() => {}
            () = shutdown.cancelled(), if !mode.is_stubborn() => mode.stop(),
        }
    });

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracker.close();
    token.cancel();
    if tokio::time::timeout(GRACE, tracker.wait()).await.is_err() {
        eprintln!("tasks outlasted their grace");
    }
    mode.close();
    Ok(())
}
