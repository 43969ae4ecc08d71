//! The service on tokio alone, by someone who has met each of these failures before.

use std::process::ExitCode;
use std::time::Duration;

use common::{GRACE, Mode};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

fn main() -> std::io::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    let code = runtime.block_on(serve(Mode::from_args()))?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::from(code))
}

async fn serve(mode: Mode) -> std::io::Result<u8> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let shutdown = token.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let _guard = mode.begin();
        tokio::select! {
            () = mode.tick() => {}
            () = shutdown.cancelled(), if !mode.is_stubborn() => mode.stop(),
        }
    });

    let failed = tokio::select! {
        Some(ended) = tasks.join_next() => {
            eprintln!("a task ended: {ended:?}");
            true
        }
        () = either(&mut terminate, &mut interrupt) => false,
    };
    // Whoever asks a second time does not want to wait.
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        std::process::exit(130);
    });
    token.cancel();
    let joined = timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    if joined.is_err() {
        // So that destructors have run before the last step.
        let _ = timeout(Duration::from_secs(1), tasks.shutdown()).await;
    }
    mode.close();
    Ok(u8::from(failed || joined.is_err()))
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
