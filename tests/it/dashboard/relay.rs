//! Registration with a relay.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

use super::{Folder, Live, tree};

/// Takes one registration, answers it, and returns it.
async fn serve(relay: &UnixListener, answer: &Value) -> Value {
    let Ok((stream, _)) = relay.accept().await else {
        panic!("nobody came");
    };
    let (read, mut write) = stream.into_split();
    let line = BufReader::new(read).lines().next_line().await;
    let Ok(Some(line)) = line else {
        panic!("{line:?}");
    };
    if let Err(error) = write.write_all(format!("{answer}\n").as_bytes()).await {
        panic!("{error}");
    }
    match serde_json::from_str(&line) {
        Ok(value) => value,
        Err(error) => panic!("{error}: {line}"),
    }
}

async fn registered(folder: &Folder) -> Live {
    let relay = folder.0.join("relay.sock");
    Live::with(tree(), |mut config| {
        config.relay_path = Some(relay);
        config.lease_seconds = 3;
        config.registration_heartbeat_interval_seconds = 1;
        config
    })
    .await
}

async fn until(live: &Live, registration: &str, connection: &str) {
    let mut wire = live.wire().await;
    for _ in 0..300 {
        let state = wire.state().await;
        let target = &state["target"];
        if target["registration_state"] == registration && target["connection_state"] == connection
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never {registration} and {connection}");
}

fn relay(folder: &Folder) -> UnixListener {
    let _ = std::fs::create_dir(&folder.0);
    let path = folder.0.join("relay.sock");
    let _ = std::fs::remove_file(&path);
    match UnixListener::bind(path) {
        Ok(relay) => relay,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn process_registers_again_and_again_and_its_state_tells_how_that_goes() {
    let folder = Folder::new();
    let listener = relay(&folder);
    let live = registered(&folder).await;
    let yes = json!({ "ok": true, "target_id": "node-1", "status": "active" });

    let first = serve(&listener, &yes).await;
    assert_eq!(first["target_id"], "node-1");
    assert_eq!(first["lease_seconds"], 3);
    assert_eq!(
        first["supported_commands"].as_array().map(Vec::len),
        Some(9)
    );
    until(&live, "active", "registered").await;
    assert_eq!(serve(&listener, &yes).await, first);

    let later = json!({ "ok": false, "error": "busy", "retryable": true });
    serve(&listener, &later).await;
    until(&live, "active", "reconnecting").await;
    drop(listener);
    until(&live, "expired", "expired").await;
    let listener = relay(&folder);
    serve(&listener, &yes).await;
    until(&live, "active", "registered").await;
    live.stop().await;
}

#[tokio::test]
async fn relay_that_says_no_for_good_is_asked_no_more() {
    let folder = Folder::new();
    let listener = relay(&folder);
    let live = registered(&folder).await;

    let no = json!({ "ok": false, "error": "unknown target", "retryable": false });
    serve(&listener, &no).await;

    until(&live, "rejected", "unavailable").await;
    let silence = tokio::time::timeout(Duration::from_millis(1500), listener.accept()).await;
    assert!(silence.is_err(), "it was asked again");
    let state = live.wire().await.state().await;
    let events = state["recent_events"].as_array().unwrap();
    let told = events
        .iter()
        .find(|event| event["event_type"] == "Relay")
        .unwrap();
    assert_eq!(
        told["payload"],
        json!({ "state": "rejected", "why": "unknown target" })
    );
    live.stop().await;
}

#[tokio::test]
async fn relay_that_is_not_there_keeps_nobody_from_starting() {
    let folder = Folder::new();
    let live = registered(&folder).await;
    until(&live, "expired", "unavailable").await;
    live.stop().await;
}
