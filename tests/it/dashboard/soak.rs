//! Clients that come, ask, subscribe, break off and come again, for as long as one wants.
//!
//! `DIG_SOAK_SECONDS` makes it longer than the three seconds it takes by default.

use std::time::Duration;

use dig_service::dashboard::{ControlCommandKind as Kind, DashboardClient};
use dig_service::supervisor::Supervisor;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::wire::command;
use super::{Live, calm, flapping, spawn};

fn length() -> Duration {
    let given = std::env::var("DIG_SOAK_SECONDS").ok();
    let seconds = given.and_then(|seconds| seconds.parse().ok()).unwrap_or(3);
    Duration::from_secs(seconds)
}

#[cfg(target_os = "linux")]
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// One client's life, another each time.
async fn once(path: &std::path::Path, number: u64) {
    match number % 5 {
        0 => {
            let Ok(mut client) = DashboardClient::connect(path).await else {
                return;
            };
            let state = client.state().await;
            assert!(state.is_ok(), "{state:?}");
        }
        1 => {
            let Ok(client) = DashboardClient::connect(path).await else {
                return;
            };
            let Ok(mut events) = client.events(Some(0)).await else {
                return;
            };
            for _ in 0..50 {
                let _ = events.next().await;
            }
        }
        2 => {
            let Ok(mut client) = DashboardClient::connect(path).await else {
                return;
            };
            let restart = command(Kind::RestartChild).child("/calm");
            let result = client.command(&restart).await;
            assert!(result.is_ok_and(|result| result.accepted));
        }
        3 => {
            // Breaks off in the middle of its line.
            let Ok(mut stream) = UnixStream::connect(path).await else {
                return;
            };
            let _ = stream.write_all(b"{\"request_id\":\"x\",\"meth").await;
        }
        _ => {
            // Asks, and does not stay for the answer.
            let Ok(mut stream) = UnixStream::connect(path).await else {
                return;
            };
            let line = json!({ "request_id": "x", "method": "state" });
            let _ = stream.write_all(format!("{line}\n").as_bytes()).await;
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i52_socket_lives_long_and_leaks_nothing() {
    let children = Supervisor::new()
        .child(flapping("flap"))
        .child(calm("calm"));
    let live = Live::with(children, |config| config).await;
    let before = descriptors();
    let (end, path) = (Instant::now() + length(), live.path());

    let clients = (0..8).map(|client| {
        let path = path.clone();
        spawn(async move {
            let mut rounds = 0;
            while Instant::now() < end {
                once(&path, client + rounds).await;
                rounds += 1;
            }
            rounds
        })
    });
    let mut rounds = 0;
    for client in clients.collect::<Vec<_>>() {
        rounds += client.await.unwrap();
    }

    assert!(rounds > 100, "{rounds} rounds");
    // All that was opened for them is closed, and every task is gone.
    for _ in 0..200 {
        let tasks = live.handle.all_tasks();
        let left = tasks
            .iter()
            .filter(|task| task.name.starts_with("dashboard.conn"));
        if left.count() == 0 && descriptors() <= before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tasks = live.handle.all_tasks();
    assert!(
        tasks.iter().all(|task| task.name != "dashboard.connection"),
        "{tasks:?}"
    );
    assert!(live.wire().await.call("state", json!({})).await["ok"] == true);
    live.stop().await;
}
