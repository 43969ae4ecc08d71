//! Our client before servers that are none, go silent or say what nobody asked.

use std::time::Duration;

use dig_service::TaskRegistry;
use dig_service::client::{RpcTransport, TransportError, WsTransport};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::node::Feeds;
use super::tasks;
use crate::running::Running;

/// A connection of which the test is the server.
async fn by_hand(tasks: &TaskRegistry) -> (WebSocketStream<TcpStream>, WsTransport) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let target = WsTransport::to(&url).expect("a URL");
    let target = target.with_ping_interval(Duration::from_secs(10));
    let accept = async {
        let (stream, _) = listener.accept().await.expect("a client");
        tokio_tungstenite::accept_async(stream).await
    };
    let (accepted, transport) = tokio::join!(accept, target.connect(tasks));
    (accepted.expect("a handshake"), transport.expect("a server"))
}

#[tokio::test]
async fn servers_that_are_none_are_named() {
    let tasks = tasks();
    let refused = WsTransport::to("wss://127.0.0.1:1").unwrap_err();
    assert!(refused.to_string().contains("TLS"), "{refused}");
    let wrong = WsTransport::to("http://127.0.0.1:1").unwrap_err();
    assert!(
        wrong.to_string().contains("`ws://127.0.0.1:9778`"),
        "{wrong}"
    );

    let service = dig_service::Service::node_builder(Feeds::default()).rpc_http("127.0.0.1:0");
    let running = Running::start(service.build()).await;
    let target = WsTransport::to(&running.url("ws")).unwrap();
    let refused = target.clone().connect(&tasks).await;
    assert!(
        matches!(refused, Err(TransportError::Status(405))),
        "{refused:?}"
    );
    running.stop().await;
    let gone = target.connect(&tasks).await;
    assert!(
        matches!(gone, Err(TransportError::Unreachable(_))),
        "{gone:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn server_that_vanished_is_noticed() {
    let tasks = tasks();
    let (_silent, transport) = by_hand(&tasks).await;

    let begun = tokio::time::Instant::now();
    let lost = transport.call("feed_add", json!([1, 1])).await;
    let Err(TransportError::TimedOut(silence)) = lost else {
        panic!("{lost:?}");
    };
    assert_eq!((silence.as_secs(), begun.elapsed().as_secs()), (30, 40));
    assert!(transport.is_closed());
}

#[tokio::test]
async fn answer_to_nothing_that_was_asked_is_nobodys() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;

    let stray = r#"{"jsonrpc":"2.0","id":1.5,"error":{"code":1,"message":"stray"}}"#;
    let text = r#"{"jsonrpc":"2.0","id":"0","error":{"code":1,"message":"stray"}}"#;
    let own = r#"{"jsonrpc":"2.0","id":0,"result":"own"}"#;
    let (answer, ()) = tokio::join!(transport.call("get", json!([])), async {
        server.next().await.unwrap().unwrap();
        for said in [stray, text, own] {
            server.send(Message::text(said)).await.unwrap();
        }
    });
    assert_eq!(answer.unwrap(), Ok(json!("own")));
}
