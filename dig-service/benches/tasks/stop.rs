//! Many tasks that wait for the token: from its cancellation until all are joined.

use std::time::{Duration, Instant};

use dig_service::{ShutdownReason, ShutdownToken, TaskKind, TaskRegistry};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rounds::Scale;

/// Microseconds for all.
pub(crate) fn measure(system: &str, scale: Scale) -> f64 {
    let count = scale.of(100_000);
    crate::spawn::runtime().block_on(async {
        match system {
            "raw" => raw(count).await,
            "tracker" => tracker(count).await,
            "ours" => ours(count).await,
            other => panic!("no system `{other}`"),
        }
    })
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

fn micros(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6
}

async fn raw(count: usize) -> f64 {
    let handles: Vec<_> = (0..count)
        .map(|_| tokio::spawn(std::future::pending::<()>()))
        .collect();
    settle().await;
    let began = Instant::now();
    for handle in &handles {
        handle.abort();
    }
    for handle in handles {
        let _ = handle.await;
    }
    micros(began)
}

async fn tracker(count: usize) -> f64 {
    let tracker = TaskTracker::new();
    let token = CancellationToken::new();
    for _ in 0..count {
        let token = token.clone();
        tracker.spawn(async move { token.cancelled().await });
    }
    settle().await;
    let began = Instant::now();
    token.cancel();
    tracker.close();
    tracker.wait().await;
    micros(began)
}

async fn ours(count: usize) -> f64 {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    for _ in 0..count {
        let token = tasks.shutdown().clone();
        tasks.spawn("waiter", TaskKind::BackgroundLoop, async move {
            token.cancelled().await;
            Ok(())
        });
    }
    settle().await;
    let began = Instant::now();
    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks
        .join_all(Duration::from_secs(60))
        .await
        .expect("all obey the token");
    micros(began)
}
