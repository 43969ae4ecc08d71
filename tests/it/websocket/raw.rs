//! A WebSocket client that is not ours, and says what it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than any wait that a test is about.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Raw(pub(super) WebSocketStream<TcpStream>);

impl Raw {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a listener");
        let opened = client_async(format!("ws://{address}/"), stream).await;
        Self(opened.expect("a WebSocket").0)
    }

    pub(super) async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("the server reads");
    }

    pub(super) async fn say(&mut self, text: impl Into<String>) {
        self.send(Message::text(text.into())).await;
    }

    pub(super) async fn ask(&mut self, id: u64, method: &str, params: Value) {
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.say(call.to_string()).await;
    }

    /// The next message, whatever it is.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(PATIENCE, self.0.next()).await;
        next.expect("something comes")
    }

    /// The next text, as JSON.
    pub(super) async fn hear(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).expect("JSON");
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no text: {other:?}"),
            }
        }
    }

    /// Waits for the close frame, and returns it with the texts before it.
    pub(super) async fn close(&mut self) -> (Vec<Value>, Option<CloseFrame>) {
        let mut texts = Vec::new();
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => {
                    texts.push(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => return (texts, frame),
                Some(Ok(_)) => {}
                other => panic!("no close: {other:?}"),
            }
        }
    }
}
