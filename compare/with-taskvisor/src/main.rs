//! The service on taskvisor.

use common::{GRACE, Mode};
use taskvisor::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = Mode::from_args();
    let ticker: TaskRef = TaskFn::arc(move |ctx| async move {
        let _guard = mode.begin();
        tokio::select! {
            () = mode.tick() => Ok(()),
            () = ctx.cancelled(), if !mode.is_stubborn() => {
                mode.stop();
                Err(TaskError::Canceled)
            }
        }
    });
    let config = SupervisorConfig::default().with_grace(GRACE);
    let supervisor = Supervisor::new(config, vec![]);
    let ended = supervisor
        .run_with_os_signals(vec![TaskSpec::restartable("ticker", ticker)])
        .await;
    mode.close();
    Ok(ended?)
}
