//! Our client before servers that are none, go silent or say what nobody asked.

use std::time::Duration;

use dig_service::TaskRegistry;
use dig_service::client::{
    OutgoingCall, PushError, Pushes, RpcTransport, SubscribeTransport, TransportError, WsTransport,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

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

/// What the client says next, which is no ping.
async fn heard(server: &mut WebSocketStream<TcpStream>) -> Value {
    let said = server.next().await.expect("a message").expect("a client");
    serde_json::from_slice(&said.into_data()).expect("JSON")
}

async fn say(server: &mut WebSocketStream<TcpStream>, text: impl Into<String>) {
    server
        .send(Message::text(text.into()))
        .await
        .expect("a client");
}

/// Subscribes; the server gives it this number.
async fn subscribed(
    server: &mut WebSocketStream<TcpStream>,
    transport: &WsTransport,
    number: u64,
) -> Pushes {
    let (pushes, ()) = tokio::join!(transport.subscribe("s", "u", json!([])), async {
        let id = heard(server).await["id"].clone();
        say(
            server,
            json!({"jsonrpc": "2.0", "id": id, "result": number}).to_string(),
        )
        .await;
    });
    pushes.expect("a server").expect("a subscription")
}

fn item(number: u64, member: &str, value: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"s","params":{{"subscription":{number},"{member}":{value}}}}}"#
    )
}

/// Deeper than what is read as JSON.
fn deep() -> String {
    "[".repeat(200) + &"]".repeat(200)
}

fn call() -> OutgoingCall {
    OutgoingCall {
        method: "get".to_owned(),
        params: json!([]),
        is_notification: false,
    }
}

const REFUSAL: &str = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"too deep"}}"#;

#[tokio::test]
async fn unreadable_answer_is_told_to_who_asked() {
    let deep = format!(r#"{{"jsonrpc":"2.0","id":0,"result":{}}}"#, deep());
    for said in [
        &*deep,
        r#"{"jsonrpc":"2.0","id":0,"result":1,"error":null}"#,
        r#"{"jsonrpc":"2.0","id":0,"error":{"code":4294967296,"message":"large"}}"#,
        r#"{"id":0,"result":1}"#,
        r#"{"jsonrpc":"2.0","id":0}"#,
        r#"{"jsonrpc":"2.0","id":{},"result":1}"#,
        "not JSON",
    ] {
        let tasks = tasks();
        let (mut server, transport) = by_hand(&tasks).await;
        let (answer, ()) = tokio::join!(transport.call("get", json!([])), async {
            heard(&mut server).await;
            // What the server asks of the client is no answer.
            say(
                &mut server,
                r#"{"jsonrpc":"2.0","method":"hello","params":{}}"#,
            )
            .await;
            say(
                &mut server,
                r#"[{"jsonrpc":"2.0","id":0,"method":"hello"}]"#,
            )
            .await;
            say(&mut server, said).await;
        });
        let is_told = matches!(answer, Err(TransportError::Malformed(_)));
        assert!(is_told, "{said}: {answer:?}");
    }
}

#[tokio::test]
async fn unreadable_answers_are_told_to_the_batch() {
    let one = r#"{"jsonrpc":"2.0","id":0,"result":1}"#;
    for said in [
        format!(r#"[{one},{{"jsonrpc":"2.0","id":1,"result":{}}}]"#, deep()),
        format!("[{one},1]"),
        format!("[{REFUSAL}]"),
        one.to_owned(),
    ] {
        let tasks = tasks();
        let (mut server, transport) = by_hand(&tasks).await;
        let (answers, ()) = tokio::join!(transport.batch(vec![call(), call()]), async {
            heard(&mut server).await;
            say(&mut server, &*said).await;
        });
        let is_told = matches!(answers, Err(TransportError::Malformed(_)));
        assert!(is_told, "{said}: {answers:?}");
    }
}

#[tokio::test]
async fn close_with_a_complaint_is_told_with_it() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let (answer, ()) = tokio::join!(transport.call("get", json!([])), async {
        heard(&mut server).await;
        let frame = CloseFrame {
            code: CloseCode::Size,
            reason: "the message is too long".into(),
        };
        server.send(Message::Close(Some(frame))).await.unwrap();
    });
    let Err(TransportError::Lost(why)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        why.to_string(),
        "closed by the server: the message is too long (1009)"
    );
}

#[tokio::test]
async fn unreadable_item_ends_the_subscription_and_says_so() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let mut pushes = subscribed(&mut server, &transport, 7).await;

    for value in ["0", &deep(), "2"] {
        say(&mut server, item(7, "result", value)).await;
    }
    assert_eq!(pushes.next().await.unwrap().unwrap(), json!(0));
    let end = pushes.next().await;
    let is_told = matches!(
        end,
        Some(Err(PushError::Transport(TransportError::Malformed(_))))
    );
    assert!(is_told, "{end:?}");
    assert!(pushes.next().await.is_none());
    let said = heard(&mut server).await;
    assert_eq!(
        (&said["method"], &said["params"]),
        (&json!("u"), &json!([7]))
    );
}

#[tokio::test]
async fn error_without_an_id_is_told_to_nobody_if_it_may_be_about_another() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let answer = |id| json!({"jsonrpc": "2.0", "id": id, "result": id}).to_string();

    // The notification may be meant.
    let (first, ()) = tokio::join!(transport.call("get", json!([])), async {
        heard(&mut server).await;
        transport.notify("note", json!([])).await.unwrap();
        say(&mut server, REFUSAL).await;
        say(&mut server, answer(0)).await;
    });
    assert_eq!(first.unwrap(), Ok(json!(0)));
    heard(&mut server).await;
    // It may still be under way; the answer to what came behind it says that it is not.
    let (second, ()) = tokio::join!(transport.call("get", json!([])), async {
        heard(&mut server).await;
        say(&mut server, REFUSAL).await;
        say(&mut server, answer(1)).await;
    });
    assert_eq!(second.unwrap(), Ok(json!(1)));
    let (third, ()) = tokio::join!(transport.call("get", json!([])), async {
        heard(&mut server).await;
        say(&mut server, REFUSAL).await;
    });
    assert_eq!(third.unwrap().unwrap_err().message, "too deep");

    // Either of two may be meant.
    let (fourth, batch, ()) = tokio::join!(
        transport.call("get", json!([])),
        transport.batch(vec![call()]),
        async {
            heard(&mut server).await;
            heard(&mut server).await;
            say(&mut server, REFUSAL).await;
            say(&mut server, format!("[{}]", answer(4))).await;
            say(&mut server, answer(3)).await;
        }
    );
    assert_eq!(fourth.unwrap(), Ok(json!(3)));
    assert_eq!(batch.unwrap(), [Ok(json!(4))]);
}

#[tokio::test]
async fn name_of_a_subscription_may_be_used_again() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let first = subscribed(&mut server, &transport, 1).await;
    say(&mut server, item(1, "error", "null")).await;
    let mut second = subscribed(&mut server, &transport, 1).await;

    drop(first);
    transport.notify("note", json!([])).await.unwrap();
    assert_eq!(heard(&mut server).await["method"], "note");
    say(&mut server, item(1, "result", "5")).await;
    assert_eq!(second.next().await.unwrap().unwrap(), json!(5));

    // While the first of that name lives, the items are those of the second.
    let mut third = subscribed(&mut server, &transport, 1).await;
    let end = second.next().await;
    let is_told = matches!(
        end,
        Some(Err(PushError::Transport(TransportError::Malformed(_))))
    );
    assert!(is_told, "{end:?}");
    drop(second);
    say(&mut server, item(1, "result", "6")).await;
    assert_eq!(third.next().await.unwrap().unwrap(), json!(6));
}

#[tokio::test]
async fn goodbye_of_the_server_closes_at_once() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let mut pushes = subscribed(&mut server, &transport, 1).await;

    // TCP stays open.
    let (answer, ()) = tokio::join!(transport.call("get", json!([])), async {
        heard(&mut server).await;
        server.send(Message::Close(None)).await.unwrap();
    });
    assert!(matches!(answer, Err(TransportError::Closed)), "{answer:?}");
    let end = pushes.next().await;
    let is_told = matches!(end, Some(Err(PushError::Transport(TransportError::Closed))));
    assert!(is_told, "{end:?}");
    let late = transport.call("get", json!([])).await;
    assert!(matches!(late, Err(TransportError::Closed)), "{late:?}");
    assert!(transport.is_closed());
    // It is answered in kind.
    assert!(matches!(server.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn subscription_of_an_aborted_connection_does_not_look_complete() {
    let tasks = tasks();
    let (mut server, transport) = by_hand(&tasks).await;
    let mut pushes = subscribed(&mut server, &transport, 1).await;

    drop(tasks.join_all(Duration::ZERO).await);
    let end = pushes.next().await;
    let is_told = matches!(end, Some(Err(PushError::Transport(TransportError::Closed))));
    assert!(is_told, "{end:?}");
}

// Elsewhere a reset throws away what was not read yet.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn answer_before_a_broken_write_is_handed_out() {
    use tokio_tungstenite::tungstenite;
    let tasks = tasks();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (heard, hears) = tokio::sync::oneshot::channel();
    let (goes, go) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut socket = tungstenite::accept(stream).unwrap();
        socket.read().unwrap();
        heard.send(()).unwrap();
        go.recv().unwrap();
        let own = r#"{"jsonrpc":"2.0","id":0,"result":"own"}"#;
        socket.send(Message::text(own)).unwrap();
        socket.close(None).unwrap();
    });
    let target = WsTransport::to(&url).unwrap();
    let transport = target.connect(&tasks).await.unwrap();

    let get = || transport.call("get", json!([]));
    let (first, (second, third)) = tokio::join!(get(), async {
        hears.await.unwrap();
        goes.send(()).unwrap();
        // The client is busy meanwhile.
        server.join().unwrap();
        tokio::join!(get(), get())
    });
    assert_eq!(first.unwrap(), Ok(json!("own")));
    for later in [second, third] {
        assert!(matches!(later, Err(TransportError::Closed)), "{later:?}");
    }
}

#[tokio::test]
async fn pings_may_be_as_rare_as_one_likes() {
    let (running, tasks) = (super::plain().await, tasks());
    let target = WsTransport::to(&running.url("ws")).unwrap();
    let target = target.with_ping_interval(Duration::MAX);
    let transport = target.connect(&tasks).await.unwrap();

    let sum = transport.call("feed_add", json!([1, 1])).await;
    assert_eq!(sum.unwrap(), Ok(json!(2)));
    running.stop().await;
}
