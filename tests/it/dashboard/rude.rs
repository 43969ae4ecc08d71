//! Clients without manners: they cost little, and delay nobody.

use std::time::Duration;

use dig_service::supervisor::Supervisor;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout};

use super::wire::Wire;
use super::{Live, flapping, spawn};

async fn connect(live: &Live) -> UnixStream {
    match UnixStream::connect(live.path()).await {
        Ok(stream) => stream,
        Err(error) => panic!("{error}"),
    }
}

/// A polite client is served at once, whoever else there is.
async fn is_served(wire: &mut Wire) {
    let answer = timeout(Duration::from_secs(5), wire.call("state", json!({}))).await;
    assert!(
        answer.is_ok_and(|answer| answer["ok"] == true),
        "a polite client has to wait"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i52_rude_clients_delay_neither_the_others_nor_the_stop() {
    let live = Live::with(Supervisor::new().child(flapping("flap")), |config| config).await;
    let mut polite = live.wire().await;
    let mut kept = Vec::new();
    // Asks for everything, and never reads.
    for _ in 0..20 {
        let mut deaf = connect(&live).await;
        let subscribe = json!({
            "request_id": "s", "method": "events.subscribe",
            "params": { "session_established": true, "after_sequence": 0 },
        });
        deaf.write_all(format!("{subscribe}\n").as_bytes())
            .await
            .unwrap();
        let state = "{\"request_id\":\"r\",\"method\":\"state\"}\n".repeat(200);
        deaf.write_all(state.as_bytes()).await.unwrap();
        kept.push(deaf);
    }
    // Half a line, and no more.
    for _ in 0..20 {
        let mut half = connect(&live).await;
        half.write_all(b"{\"request_id\":").await.unwrap();
        kept.push(half);
    }
    // No UTF-8, and nothing else.
    let mut noise = connect(&live).await;
    noise.write_all(&[0xff; 4096]).await.unwrap();
    kept.push(noise);
    // A flood that does not stop by itself.
    let mut flood = connect(&live).await;
    let flooding = spawn(async move {
        let lines = b"{}\n".repeat(10_000);
        while flood.write_all(&lines).await.is_ok() {}
    });
    is_served(&mut polite).await;
    // Far more than there is room for.
    for _ in 0..200 {
        kept.push(connect(&live).await);
    }
    is_served(&mut polite).await;

    let began = Instant::now();
    live.stop().await;

    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert!(timeout(Duration::from_secs(5), flooding).await.is_ok());
    drop(kept);
}

#[tokio::test(start_paused = true)]
async fn i52_peer_that_takes_no_byte_is_let_go() {
    let live = Live::start().await;
    let mut deaf = connect(&live).await;
    let lines = "{\"request_id\":\"r\",\"method\":\"state\"}\n".repeat(20);
    deaf.write_all(lines.as_bytes()).await.unwrap();
    let states = |live: &Live| {
        let tasks = live.handle.all_tasks();
        tasks
            .iter()
            .filter(|task| task.name == "dashboard.connection")
            .count()
    };
    // More answers than the socket holds, asked for at the allowed rate.
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if deaf.try_write(lines.as_bytes()).is_err() {
            break;
        }
    }
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(states(&live), 0, "it is still served");
    live.stop().await;
}
