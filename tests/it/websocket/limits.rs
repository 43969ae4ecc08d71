//! What a client cannot do to the server.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dig_service::rpc_http::WebSocketOptions;
use futures_util::SinkExt;
use serde_json::json;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::node::Feeds;
use super::raw::Raw;
use super::{address, plain, serve};

#[tokio::test]
async fn message_has_the_limit_of_a_body() {
    let text = |length: usize| {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"feed_add","params":[1,1]}"#;
        format!("{call:<length$}")
    };
    let running = serve(
        Feeds::default(),
        |options| options.body_limit(1000),
        WebSocketOptions::new(),
    );
    let running = running.await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.say(text(1000)).await;
    assert_eq!(raw.hear().await["result"], 2);
    raw.say(text(1001)).await;
    let (texts, frame) = raw.close().await;
    assert_eq!((texts.len(), frame.unwrap().code), (0, CloseCode::Size));
    running.stop().await;
}

#[tokio::test]
async fn text_that_is_none_closes_the_connection() {
    use tokio::io::AsyncWriteExt;

    let running = plain().await;
    for (bytes, code) in [
        // A text frame, masked with zeros, whose one byte is no UTF-8.
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff][..], CloseCode::Invalid),
        // A frame without a mask, which a client must not send.
        (&[0x81, 0x01, b'1'][..], CloseCode::Protocol),
    ] {
        let mut raw = Raw::connect(address(&running)).await;
        raw.0.get_mut().write_all(bytes).await.unwrap();
        let (_, frame) = raw.close().await;
        assert_eq!(frame.unwrap().code, code);
    }
    running.stop().await;
}

#[tokio::test]
async fn one_subscription_beyond_the_limit_is_refused_until_one_ends() {
    let websocket = WebSocketOptions::new().max_subscriptions(2);
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;

    for id in [1, 2] {
        raw.ask(id, "feed_subscribe_heads", json!([])).await;
        assert_eq!(raw.hear().await["result"], id);
    }
    raw.ask(3, "feed_subscribe_heads", json!([])).await;
    assert_eq!(raw.hear().await["error"]["code"], 10004);
    raw.ask(4, "feed_unsubscribe_heads", json!([1])).await;
    assert_eq!(raw.hear().await["result"], true);
    raw.ask(5, "feed_subscribe_heads", json!([])).await;
    assert_eq!(raw.hear().await["result"], 3);
    // Another connection has a limit of its own.
    let mut other = Raw::connect(address(&running)).await;
    other.ask(1, "feed_subscribe_heads", json!([])).await;
    assert_eq!(other.hear().await["result"], 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_that_has_ended_leaves_its_place_at_once() {
    let websocket = WebSocketOptions::new().max_subscriptions(16);
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;
    // Others that always have an item, and so keep the end from being looked at once more.
    for id in 1..=15 {
        raw.ask(id, "feed_numbers", json!([u64::MAX, 10])).await;
    }

    for id in 16..300 {
        raw.ask(id, "feed_few", json!([1])).await;
        loop {
            let said = raw.hear().await;
            assert!(said.get("error").is_none(), "{said}");
            if said["method"] == "feed_few" && said["params"].get("error").is_some() {
                break;
            }
        }
    }
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn stream_waits_for_a_client_that_does_not_read() {
    let node = Feeds::default();
    let (made, open) = (Arc::clone(&node.made), Arc::clone(&node.open));
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;

    // More than any buffer of the system holds.
    let params = json!({ "upto": 1_000_000_u64, "size": 60_000 });
    raw.ask(1, "feed_numbers", params).await;
    assert_eq!(raw.hear().await["result"], 1);
    let mut before = 0;
    // Until no more are made for a while: what is waited for is the server, not the clock.
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = made.load(Ordering::SeqCst);
        if now > 0 && now == before {
            break;
        }
        before = now;
    }
    assert!(before < 2_000, "{before} items were made");
    // It goes on where it was, and nothing is lost.
    for number in 0..100 {
        let item = raw.hear().await;
        let text = item["params"]["result"].as_str().unwrap();
        assert_eq!(text.trim_start_matches('0').parse().unwrap_or(0), number);
    }
    drop(raw);
    while open.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn messages_at_once_have_a_limit() {
    let websocket = WebSocketOptions::new().max_pending_calls(2);
    let node = Feeds::default();
    let gate = Arc::clone(&node.gate);
    let running = serve(node, |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;

    for id in [1, 2] {
        raw.ask(id, "feed_hold", json!([])).await;
    }
    // Not read before one of the two is done.
    raw.ask(3, "feed_add", json!([1, 1])).await;
    gate.add_permits(1);
    assert_eq!(raw.hear().await["result"], true);
    assert_eq!(raw.hear().await["result"], 2);
    gate.add_permits(1);
    assert_eq!(raw.hear().await["result"], true);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn silent_client_is_taken_for_gone() {
    let websocket = WebSocketOptions::new().ping_interval(Duration::from_secs(10));
    let node = Feeds::default();
    let open = Arc::clone(&node.open);
    let running = serve(node, |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;
    raw.ask(1, "feed_subscribe_heads", json!([])).await;
    raw.hear().await;

    // A ping is answered when the client reads on behind it, so the third one is not.
    let begun = Instant::now();
    for _ in 0..3 {
        assert!(matches!(raw.next().await, Some(Ok(Message::Ping(_)))));
    }
    assert_eq!(begun.elapsed().as_secs(), 30);
    while open.load(Ordering::SeqCst) > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let silent = begun.elapsed().as_secs();
    assert!((40..=41).contains(&silent), "{silent}");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn client_whose_answer_to_a_ping_could_not_be_read_yet_is_not_gone() {
    let websocket = WebSocketOptions::new()
        .max_pending_calls(1)
        .ping_interval(Duration::from_secs(10));
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;

    // The call ends with the time of a ping, and what is read then came before that ping.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"feed_sleep","params":[20000]}"#;
    raw.0.feed(Message::text(call)).await.unwrap();
    raw.send(Message::Ping(Vec::new().into())).await;
    assert_eq!(raw.hear().await["result"], 20_000);
    running.stop().await;
}

#[tokio::test]
async fn pings_may_be_as_seldom_as_one_likes() {
    let websocket = WebSocketOptions::new().ping_interval(Duration::MAX);
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await["result"], 2);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_pings_silence_means_nothing() {
    let websocket = WebSocketOptions::new().ping_interval(Duration::ZERO);
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;

    tokio::time::sleep(Duration::from_secs(100_000)).await;
    raw.ask(1, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await["result"], 2);
    running.stop().await;
}

#[tokio::test]
async fn pings_of_the_client_are_answered() {
    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.send(Message::Ping("there?".into())).await;
    assert!(matches!(raw.next().await, Some(Ok(Message::Pong(echo))) if echo == "there?"));
    running.stop().await;
}

#[tokio::test]
async fn connection_beyond_the_limit_is_refused() {
    use tokio_tungstenite::tungstenite::Error;

    let running = serve(
        Feeds::default(),
        |options| options.max_connections(1),
        WebSocketOptions::new(),
    )
    .await;
    let _first = Raw::connect(address(&running)).await;

    let stream = tokio::net::TcpStream::connect(address(&running))
        .await
        .unwrap();
    let refused = tokio_tungstenite::client_async(running.url("ws"), stream).await;
    let Err(Error::Http(response)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(response.status(), 503);
    running.stop().await;
}

#[tokio::test]
async fn handshakes_that_are_reset_give_their_places_back() {
    use tokio::io::AsyncWriteExt;

    let running = serve(
        Feeds::default(),
        |options| options.max_connections(2),
        WebSocketOptions::new(),
    )
    .await;
    for _ in 0..8 {
        let mut stream = tokio::net::TcpStream::connect(address(&running))
            .await
            .unwrap();
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
            Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.set_zero_linger().unwrap();
    }

    let mut raw = loop {
        // The server may not have seen all of them go.
        let stream = tokio::net::TcpStream::connect(address(&running))
            .await
            .unwrap();
        match tokio_tungstenite::client_async(running.url("ws"), stream).await {
            Ok((socket, _)) => break Raw(socket),
            Err(_) => tokio::task::yield_now().await,
        }
    };
    raw.ask(1, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await["result"], 2);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn client_that_takes_its_time_with_a_long_answer_is_not_gone() {
    use tokio::io::AsyncReadExt;

    let websocket = WebSocketOptions::new().ping_interval(Duration::from_secs(10));
    let running = serve(Feeds::default(), |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;
    let length = 30_000_000;

    raw.ask(1, "feed_large", json!([length])).await;
    let (mut taken, mut buffer) = (0, vec![0; 1_000_000]);
    let begun = Instant::now();
    while taken < length {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let more = raw.0.get_mut().read(&mut buffer).await.unwrap();
        assert!(
            more > 0,
            "closed after {taken} bytes and {:?}",
            begun.elapsed()
        );
        taken += more;
    }
    assert!(begun.elapsed() > Duration::from_secs(60));
    drop(raw);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_client_that_is_shown_out_go_on_meanwhile() {
    use tokio::io::AsyncWriteExt;

    let node = Feeds::default();
    let made = Arc::clone(&node.made);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;
    raw.ask(1, "feed_mark", json!([100])).await;
    raw.ask(2, "feed_add", json!([1, 1])).await;
    raw.hear().await;

    // A frame without a mask; and the client stays.
    raw.0
        .get_mut()
        .write_all(&[0x81, 0x01, b'1'])
        .await
        .unwrap();
    let begun = Instant::now();
    while made.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn stop_does_not_wait_for_a_client_that_is_shown_out() {
    use tokio::io::AsyncWriteExt;

    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;
    // A call, masked with zeros, and right behind it a frame without a mask; and the client stays.
    let call = br#"{"jsonrpc":"2.0","id":1,"method":"feed_add","params":[1,1]}"#;
    let length = u8::try_from(call.len()).unwrap();
    let head = [0x81, 0x80 | length, 0, 0, 0, 0];
    let bytes = [&head[..], call, &[0x81, 0x01, b'1']].concat();
    raw.0.get_mut().write_all(&bytes).await.unwrap();
    let (texts, frame) = raw.close().await;
    assert_eq!((texts.len(), frame.unwrap().code), (1, CloseCode::Protocol));

    let begun = Instant::now();
    running.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn client_that_closes_is_let_go_at_once_and_its_calls_end() {
    let node = Feeds::default();
    let made = Arc::clone(&node.made);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;
    raw.ask(1, "feed_mark", json!([3_000])).await;
    raw.ask(2, "feed_add", json!([1, 1])).await;
    raw.hear().await;

    let begun = Instant::now();
    raw.send(Message::Close(None)).await;
    raw.close().await;
    assert!(raw.next().await.is_none());
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(made.load(Ordering::SeqCst), 0);
    while made.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    running.stop().await;
}
