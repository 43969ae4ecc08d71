//! The floor: a handler that reads a call, adds, and writes an answer. It has no second method to
//! look up, no limits, no batches and no errors of its own.

use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::contestant::METHOD;
use crate::serve::{ADDRESS, Until, announce};

#[derive(Deserialize)]
struct Call {
    jsonrpc: String,
    id: Value,
    method: String,
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    a: u64,
    b: u64,
}

#[derive(Serialize)]
struct Answer {
    jsonrpc: &'static str,
    id: Value,
    result: u64,
}

async fn add(Json(call): Json<Call>) -> Result<Json<Answer>, StatusCode> {
    if call.jsonrpc != "2.0" || call.method != METHOD {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(Json(Answer {
        jsonrpc: "2.0",
        id: call.id,
        result: call.params.a + call.params.b,
    }))
}

/// The same over a WebSocket: a text in, a text out.
async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Text(text) = message else {
                continue;
            };
            let Ok(call) = serde_json::from_str::<Call>(&text) else {
                return;
            };
            let Ok(Json(answer)) = add(Json(call)).await else {
                return;
            };
            let Ok(answer) = serde_json::to_string(&answer) else {
                return;
            };
            if socket.send(Message::text(answer)).await.is_err() {
                return;
            }
        }
    })
}

pub(super) async fn serve(until: Until) -> anyhow::Result<()> {
    let listener = TcpListener::bind(ADDRESS).await?;
    announce(listener.local_addr()?)?;
    let router = Router::new().route("/", post(add).get(upgrade));
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        () = until.reached() => Ok(()),
    }
}
