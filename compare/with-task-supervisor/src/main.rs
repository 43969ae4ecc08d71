//! The service on task-supervisor, which leaves the signals to the program.

use common::{GRACE, Mode};
use task_supervisor::{CancellationToken, SupervisedTask, SupervisorBuilder, TaskResult};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Clone)]
struct Ticker(Mode);

impl SupervisedTask for Ticker {
    async fn run(self, cancel: CancellationToken) -> TaskResult {
        let _guard = self.0.begin();
        tokio::select! {
            () = self.0.tick() => {}
            () = cancel.cancelled(), if !self.0.is_stubborn() => self.0.stop(),
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = Mode::from_args();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let supervisor = SupervisorBuilder::new()
        .with_stop_timeout(GRACE)
        .with_dead_tasks_threshold(0.0)
        .with_task("ticker", Ticker(mode))
        .spawn();
    let ended = tokio::select! {
        _ = terminate.recv() => supervisor.shutdown().await,
        _ = interrupt.recv() => supervisor.shutdown().await,
        ended = supervisor.wait() => ended,
    };
    mode.close();
    Ok(ended?)
}
