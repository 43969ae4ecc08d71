//! The load: connections with one request on its way each, and a round of them.

mod connection;
mod http;
mod websocket;

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use self::connection::Connection;
use crate::contestant::{RESULT, Transport};
use crate::process::Server;

/// How many connections a server has at once.
pub const CONNECTIONS: usize = 64;
/// The requests that come before those that count.
const WARM_UP: usize = 5_000;
/// What a server is given to become idle; it may have work left behind its last answer.
const SETTLE: Duration = Duration::from_millis(20);

/// What a request cost in one round.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The server's CPU time.
    pub cpu: Duration,
    /// The time between one answer and the next, of all connections together.
    pub wall: Duration,
}

/// Measures one round of about this many requests, over connections of its own.
pub async fn round(server: &Server, requests: usize) -> anyhow::Result<Cost> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(match server.contestant.transport() {
            Transport::Http => http::connect(server.address).await?,
            Transport::WebSocket => websocket::connect(server.address).await?,
        });
    }
    let each = requests.div_ceil(CONNECTIONS);
    clients = call_all(clients, WARM_UP.div_ceil(CONNECTIONS)).await?;
    sleep(SETTLE).await;
    let (before, began) = (server.cpu()?, Instant::now());
    clients = call_all(clients, each).await?;
    let took = began.elapsed();
    sleep(SETTLE).await;
    let used = server.cpu()?.since(&before)?;
    drop(clients);
    let requests = u32::try_from(each * CONNECTIONS)?;
    Ok(Cost {
        cpu: used / requests,
        wall: took / requests,
    })
}

/// Calls `each` times on each connection, all of them side by side.
async fn call_all(clients: Vec<Connection>, each: usize) -> anyhow::Result<Vec<Connection>> {
    let mut running = JoinSet::new();
    for mut client in clients {
        running.spawn(async move {
            for _ in 0..each {
                client.call().await?;
            }
            anyhow::Ok(client)
        });
    }
    let mut clients = Vec::new();
    while let Some(ended) = running.join_next().await {
        clients.push(ended??);
    }
    Ok(clients)
}

/// Checks an answer.
fn check(answer: &[u8]) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(answer);
    let answer: Value = serde_json::from_slice(answer)?;
    let expected = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": RESULT });
    ensure!(answer == expected, "a wrong answer: {text}");
    Ok(())
}

/// The call as JSON.
fn call() -> String {
    use crate::contestant::{METHOD, PARAMS};
    let [a, b] = PARAMS;
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{METHOD}","params":{{"a":{a},"b":{b}}}}}"#)
}
