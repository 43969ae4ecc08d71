//! What goes over a WebSocket, message by message.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::node::Feeds;
use super::raw::Raw;
use super::{address, gated, plain, serve};
use dig_service::ShutdownReason;
use dig_service::rpc_http::WebSocketOptions;

fn answer(id: u64, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn pushed(method: &str, subscription: u64, result: Value) -> Value {
    let params = json!({ "subscription": subscription, "result": result });
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

fn ended(method: &str, subscription: u64, error: Value) -> Value {
    let params = json!({ "subscription": subscription, "error": error });
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[tokio::test]
async fn calls_batches_and_notifications_are_as_over_http() {
    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_add", json!([2, 3])).await;
    assert_eq!(raw.hear().await, answer(1, json!(5)));
    let batch = r#"[{"jsonrpc":"2.0","method":"feed_add","params":[1,1]},
        {"jsonrpc":"2.0","id":2,"method":"feed_add","params":{"a":1,"b":1}},
        {"jsonrpc":"2.0","id":3,"method":"absent"}]"#;
    raw.send(Message::binary(batch.as_bytes().to_vec())).await;
    let answers = raw.hear().await;
    assert_eq!(answers[0], answer(2, json!(2)));
    assert_eq!(answers[1]["error"]["code"], -32601);
    raw.say("{").await;
    assert_eq!(raw.hear().await["error"]["code"], -32700);
    // Nothing is said to a notification, so the next answer is that of the next call.
    raw.say(r#"{"jsonrpc":"2.0","method":"feed_add","params":[1,1]}"#)
        .await;
    raw.ask(4, "feed_add", json!([4, 4])).await;
    assert_eq!(raw.hear().await, answer(4, json!(8)));
    running.stop().await;
}

#[tokio::test]
async fn fast_calls_overtake_slow_ones() {
    let (running, gate) = gated().await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_hold", json!([])).await;
    raw.ask(2, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await, answer(2, json!(2)));
    gate.add_permits(1);
    assert_eq!(raw.hear().await, answer(1, json!(true)));
    running.stop().await;
}

#[tokio::test]
async fn subscription_is_answered_before_its_items_and_says_its_end() {
    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_few", json!([2])).await;
    assert_eq!(raw.hear().await, answer(1, json!(1)));
    assert_eq!(raw.hear().await, pushed("feed_few", 1, json!(0)));
    assert_eq!(raw.hear().await, pushed("feed_few", 1, json!(1)));
    assert_eq!(raw.hear().await, ended("feed_few", 1, Value::Null));

    raw.ask(2, "feed_numbers", json!({ "upto": 1 })).await;
    assert_eq!(raw.hear().await, answer(2, json!(2)));
    assert_eq!(raw.hear().await, pushed("feed_numbers", 2, json!("0")));
    let dry = json!({ "code": 4002, "message": "dried up", "data": { "after": 1 } });
    assert_eq!(raw.hear().await, ended("feed_numbers", 2, dry));

    raw.ask(3, "feed_numbers", json!({ "upto": 0 })).await;
    assert_eq!(raw.hear().await["error"]["code"], 4001);
    running.stop().await;
}

#[tokio::test]
async fn unsubscribing_ends_it_and_drops_the_stream() {
    let node = Feeds::default();
    let (heads, open) = (node.heads.clone(), Arc::clone(&node.open));
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_subscribe_heads", json!([])).await;
    assert_eq!(raw.hear().await, answer(1, json!(1)));
    assert_eq!(open.load(Ordering::SeqCst), 1);
    heads.send(7).unwrap();
    assert_eq!(
        raw.hear().await,
        pushed("feed_subscribe_heads", 1, json!(7))
    );

    raw.ask(2, "feed_unsubscribe_heads", json!([1])).await;
    assert_eq!(raw.hear().await, answer(2, json!(true)));
    raw.ask(3, "feed_unsubscribe_heads", json!({ "subscription": 1 }))
        .await;
    assert_eq!(raw.hear().await, answer(3, json!(false)));
    assert_eq!(open.load(Ordering::SeqCst), 0);
    assert!(heads.send(8).is_err(), "somebody listens");
    raw.ask(4, "feed_unsubscribe_heads", json!(["one"])).await;
    assert_eq!(raw.hear().await["error"]["code"], -32602);
    running.stop().await;
}

#[tokio::test]
async fn subscription_that_was_ended_is_dropped_before_its_own_call_is_answered() {
    let node = Feeds::default();
    let (open, gate) = (Arc::clone(&node.open), Arc::clone(&node.gate));
    let websocket = WebSocketOptions::new().max_subscriptions(1);
    let running = serve(node, |options| options, websocket).await;
    let mut raw = Raw::connect(address(&running)).await;
    let call = |id: u64, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });

    // Both batches are answered later than the other calls.
    let mut calls = Vec::new();
    for number in 1..=49 {
        calls.push(call(number, "feed_subscribe_heads", json!([])));
        calls.push(call(number, "feed_unsubscribe_heads", json!([number])));
    }
    calls.push(call(99, "feed_hold", json!([])));
    raw.say(Value::from(calls).to_string()).await;
    raw.ask(100, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await["id"], 100);
    assert_eq!(open.load(Ordering::SeqCst), 0);

    let calls = [
        call(1, "feed_subscribe_heads", json!([])),
        call(2, "feed_hold", json!([])),
    ];
    raw.say(Value::from(&calls[..]).to_string()).await;
    raw.ask(101, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await["id"], 101);
    assert_eq!(open.load(Ordering::SeqCst), 1);
    raw.ask(102, "feed_unsubscribe_heads", json!([50])).await;
    assert_eq!(raw.hear().await["result"], true);
    assert_eq!(open.load(Ordering::SeqCst), 0);
    gate.add_permits(2);
    running.stop().await;
}

#[tokio::test]
async fn subscriptions_of_others_cannot_be_ended() {
    let node = Feeds::default();
    let heads = node.heads.clone();
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let (mut first, mut second) = (
        Raw::connect(address(&running)).await,
        Raw::connect(address(&running)).await,
    );

    first.ask(1, "feed_subscribe_heads", json!([])).await;
    assert_eq!(first.hear().await, answer(1, json!(1)));
    second.ask(1, "feed_unsubscribe_heads", json!([1])).await;
    assert_eq!(second.hear().await, answer(1, json!(false)));
    heads.send(7).unwrap();
    assert_eq!(
        first.hear().await,
        pushed("feed_subscribe_heads", 1, json!(7))
    );
    running.stop().await;
}

#[tokio::test]
async fn stream_that_panics_ends_and_the_connection_lives_on() {
    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_bomb", json!([])).await;
    assert_eq!(raw.hear().await, answer(1, json!(1)));
    let error = json!({ "code": -32603, "message": "internal error" });
    assert_eq!(raw.hear().await, ended("feed_bomb", 1, error));
    raw.ask(2, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await, answer(2, json!(2)));
    running.stop().await;
}

#[tokio::test]
async fn subscriptions_need_a_websocket() {
    let running = plain().await;
    let transport = dig_service::client::HttpTransport::new(&running.url("http")).unwrap();

    let call = dig_service::client::RpcTransport::call;
    let refused = call(&transport, "feed_few", json!([2])).await.unwrap();
    let error = refused.unwrap_err();
    assert_eq!(error.code.code(), -32601);
    assert_eq!(
        error.message,
        "`feed_few` is a subscription, which needs a WebSocket"
    );
    let ended = call(&transport, "feed_unsubscribe_few", json!([1]))
        .await
        .unwrap();
    assert_eq!(ended, Ok(json!(false)));
    running.stop().await;
}

#[tokio::test]
async fn client_that_leaves_takes_its_streams_along() {
    let node = Feeds::default();
    let open = Arc::clone(&node.open);
    let heads = node.heads.clone();
    let running = serve(node, |options| options, WebSocketOptions::new()).await;

    for is_polite in [true, false] {
        let mut raw = Raw::connect(address(&running)).await;
        raw.ask(1, "feed_subscribe_heads", json!([])).await;
        raw.hear().await;
        assert_eq!(open.load(Ordering::SeqCst), 1);
        if is_polite {
            raw.send(Message::Close(None)).await;
            let (_, frame) = raw.close().await;
            assert_eq!(frame, None);
        }
        drop(raw);
        while heads.receiver_count() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(open.load(Ordering::SeqCst), 0);
    }
    running.stop().await;
}

#[tokio::test]
async fn end_by_the_client_right_behind_a_call_is_answered() {
    let running = plain().await;
    let mut raw = Raw::connect(address(&running)).await;

    let call = r#"{"jsonrpc":"2.0","id":1,"method":"feed_add","params":[1,1]}"#;
    raw.0.feed(Message::text(call)).await.unwrap();
    raw.send(Message::Close(None)).await;
    let (_, frame) = raw.close().await;
    assert_eq!(frame, None);
    running.stop().await;
}

#[tokio::test]
async fn stop_ends_subscriptions_with_the_reason_and_then_the_connection() {
    let (running, gate) = gated().await;
    let mut raw = Raw::connect(address(&running)).await;
    raw.ask(1, "feed_subscribe_heads", json!([])).await;
    raw.hear().await;
    raw.ask(2, "feed_hold", json!([])).await;

    // So that the call is in before the stop.
    raw.ask(3, "feed_add", json!([1, 1])).await;
    raw.hear().await;
    running
        .handle
        .request_shutdown(ShutdownReason::UserRequested);
    let error = json!({ "code": 10040, "message": "the service is stopping" });
    assert_eq!(raw.hear().await, ended("feed_subscribe_heads", 1, error));
    gate.add_permits(1);
    let (texts, frame) = raw.close().await;
    // What was called before the stop is answered still.
    assert_eq!(texts, [answer(2, json!(true))]);
    let frame = frame.unwrap();
    assert_eq!(
        (frame.code, frame.reason.as_str()),
        (CloseCode::Away, "the service is stopping")
    );
    running.end().await;
}

#[tokio::test]
async fn calls_after_the_stop_are_refused() {
    let (running, gate) = gated().await;
    let mut raw = Raw::connect(address(&running)).await;
    raw.ask(1, "feed_hold", json!([])).await;
    raw.ask(2, "feed_add", json!([1, 1])).await;
    raw.hear().await;

    running
        .handle
        .request_shutdown(ShutdownReason::UserRequested);
    raw.ask(3, "feed_few", json!([1])).await;
    let refused = raw.hear().await;
    assert_eq!(refused["error"]["code"], 10040);
    gate.add_permits(1);
    let (texts, _) = raw.close().await;
    assert_eq!(texts, [answer(1, json!(true))]);
    running.end().await;
}

#[tokio::test]
async fn notification_cannot_subscribe() {
    let node = Feeds::default();
    let open = Arc::clone(&node.open);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.say(r#"{"jsonrpc":"2.0","method":"feed_subscribe_heads"}"#)
        .await;
    let batch = r#"[{"jsonrpc":"2.0","method":"feed_subscribe_heads"},
        {"jsonrpc":"2.0","id":1,"method":"feed_subscribe_heads"}]"#;
    raw.say(batch).await;
    assert_eq!(raw.hear().await, json!([answer(1, json!(1))]));
    assert_eq!(open.load(Ordering::SeqCst), 1);
    running.stop().await;
}

#[tokio::test]
async fn notification_ends_a_subscription_alone_and_in_a_batch() {
    let node = Feeds::default();
    let open = Arc::clone(&node.open);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;
    let end = |number: u64| json!({ "jsonrpc": "2.0", "method": "feed_unsubscribe_heads", "params": [number] });
    let add = json!({ "jsonrpc": "2.0", "id": 7, "method": "feed_add", "params": [1, 1] });

    for (number, message, answered) in [
        (1, json!([end(1), add]), json!([answer(7, json!(2))])),
        (2, end(2), Value::Null),
    ] {
        raw.ask(number, "feed_subscribe_heads", json!([])).await;
        assert_eq!(raw.hear().await, answer(number, json!(number)));
        assert_eq!(open.load(Ordering::SeqCst), 1);
        raw.say(message.to_string()).await;
        if !answered.is_null() {
            assert_eq!(raw.hear().await, answered);
        }
        raw.ask(8, "feed_add", json!([1, 1])).await;
        assert_eq!(raw.hear().await, answer(8, json!(2)));
        assert_eq!(open.load(Ordering::SeqCst), 0);
    }
    running.stop().await;
}

#[tokio::test]
async fn subscription_that_the_client_ended_is_silent_at_the_stop() {
    let (running, gate) = gated().await;
    let mut raw = Raw::connect(address(&running)).await;

    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"feed_subscribe_heads"},
        {"jsonrpc":"2.0","id":2,"method":"feed_unsubscribe_heads","params":[1]},
        {"jsonrpc":"2.0","id":3,"method":"feed_hold"}]"#;
    raw.say(batch).await;
    raw.ask(4, "feed_add", json!([1, 1])).await;
    assert_eq!(raw.hear().await, answer(4, json!(2)));
    running
        .handle
        .request_shutdown(ShutdownReason::UserRequested);
    gate.add_permits(1);
    let (texts, _) = raw.close().await;
    assert_eq!(
        texts,
        [json!([
            answer(1, json!(1)),
            answer(2, json!(true)),
            answer(3, json!(true))
        ])]
    );
    running.end().await;
}

#[tokio::test]
async fn filter_knows_what_ends_a_subscription() {
    let filtered = |options: dig_service::rpc_http::HttpOptions| {
        options.filter(|cx, method, info| {
            let known = info.map_or("unknown", |info| info.name());
            let what = format!("{method} {known} {}", cx.transport());
            Err(dig_service::JsonRpcError::new(1, what))
        })
    };
    let running = serve(Feeds::default(), filtered, WebSocketOptions::new()).await;
    let mut raw = Raw::connect(address(&running)).await;

    raw.ask(1, "feed_stop_counting", json!([1])).await;
    let said = "feed_stop_counting feed_numbers websocket";
    assert_eq!(raw.hear().await["error"]["message"], said);
    running.stop().await;
}
