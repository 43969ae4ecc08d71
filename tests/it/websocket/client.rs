//! Our client over a WebSocket.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dig_service::client::{
    ClientError, HttpTransport, Local, RpcTransport, SubscribeTransport, Subscription,
    TransportError, WsTransport, batched,
};
use dig_service::rpc_http::WebSocketOptions;
use dig_service::{JsonRpcError, ShutdownReason, TaskRegistry};
use futures_util::StreamExt;
use serde_json::json;

use super::node::{FeedError, Feeds, FeedsClient};
use super::{gated, plain, serve, tasks};
use crate::running::Running;

async fn connect(running: &Running, tasks: &TaskRegistry) -> WsTransport {
    let target = WsTransport::to(&running.url("ws")).expect("an address");
    target.connect(tasks).await.expect("a server")
}

/// A client and its one subscription to heads.
async fn heads(transport: &WsTransport) -> Subscription<u64> {
    let client = FeedsClient::new(transport);
    client.subscribe_heads().await.expect("a subscription")
}

#[tokio::test]
async fn calls_share_a_connection() {
    let (running, tasks) = (plain().await, tasks());
    let client = FeedsClient::new(connect(&running, &tasks).await);

    let (slow, fast) = tokio::join!(client.sleep(100), client.add(2, 3));
    assert_eq!((slow.unwrap(), fast.unwrap()), (100, 5));
    assert_eq!(client.large(1_000_000).await.unwrap().len(), 1_000_000);
    let Err(ClientError::Method(error)) = client.who().await else {
        panic!("somebody");
    };
    assert_eq!(error.code.code(), 10003);
    running.stop().await;
}

#[tokio::test]
async fn batches_are_answered_in_order() {
    let running = serve(
        Feeds::default(),
        |options| options.batch_limit(3),
        WebSocketOptions::new(),
    );
    let (running, tasks) = (running.await, tasks());
    let transport = connect(&running, &tasks).await;

    let (first, second, third) = batched(&transport, async |wire| {
        let client = FeedsClient::new(wire);
        tokio::join!(client.sleep(20), client.add(1, 1), client.add(2, 2))
    })
    .await;
    assert_eq!(
        (first.unwrap(), second.unwrap(), third.unwrap()),
        (20, 2, 4)
    );
    // Refused as a whole, by an error without an id.
    let (refused, ..) = batched(&transport, async |wire| {
        let client = FeedsClient::new(wire);
        tokio::join!(
            client.add(1, 1),
            client.add(1, 1),
            client.add(1, 1),
            client.add(1, 1)
        )
    })
    .await;
    let Err(ClientError::Rpc(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.data.unwrap(), "a batch may hold 3 calls at most");
    running.stop().await;
}

#[tokio::test]
async fn items_come_with_their_types_and_their_errors() {
    let (running, tasks) = (plain().await, tasks());
    let client = FeedsClient::new(connect(&running, &tasks).await);

    let few: Vec<u64> = client
        .few(3)
        .await
        .unwrap()
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(few, [0, 1, 2]);

    let mut numbers = client.numbers(2, None).await.unwrap();
    assert_eq!(numbers.next().await.unwrap().unwrap(), "0");
    assert_eq!(numbers.next().await.unwrap().unwrap(), "1");
    let dry = numbers.next().await.unwrap();
    assert!(
        matches!(dry, Err(ClientError::Method(FeedError::Dry { after: 2 }))),
        "{dry:?}"
    );
    assert!(numbers.next().await.is_none());

    let absent = client.numbers(0, None).await;
    assert!(matches!(
        absent,
        Err(ClientError::Method(FeedError::Absent))
    ));
    let bomb = client.bomb().await.unwrap().next().await.unwrap();
    assert!(
        matches!(bomb, Err(ClientError::Rpc(JsonRpcError { .. }))),
        "{bomb:?}"
    );
    running.stop().await;
}

#[tokio::test]
async fn subscriptions_work_in_the_same_process_too() {
    let node = Feeds::default();
    let (heads, open) = (node.heads.clone(), Arc::clone(&node.open));
    let client = FeedsClient::new(Local::new(Arc::new(node)));

    let mut subscription = client.subscribe_heads().await.unwrap();
    heads.send(7).unwrap();
    assert_eq!(subscription.next().await.unwrap().unwrap(), 7);
    drop(subscription);
    assert_eq!(open.load(Ordering::SeqCst), 0);
    let bomb = client.bomb().await.unwrap().next().await.unwrap();
    assert!(matches!(bomb, Err(ClientError::Rpc(_))), "{bomb:?}");
    let local = Local::new(Arc::new(Feeds::default()));
    let none = local.subscribe("feed_add", "x", json!([1, 2])).await;
    assert!(
        matches!(none, Err(TransportError::Malformed(_))),
        "{none:?}"
    );
}

#[tokio::test]
async fn dropped_subscription_is_ended_on_the_server() {
    let node = Feeds::default();
    let (feed, open) = (node.heads.clone(), Arc::clone(&node.open));
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let tasks = tasks();
    let transport = connect(&running, &tasks).await;

    let (first, mut second) = (heads(&transport).await, heads(&transport).await);
    assert_eq!(open.load(Ordering::SeqCst), 2);
    drop(first);
    while open.load(Ordering::SeqCst) > 1 {
        tokio::task::yield_now().await;
    }
    feed.send(3).unwrap();
    assert_eq!(second.next().await.unwrap().unwrap(), 3);
    // One that is given up while it is being made is ended, too.
    let client = FeedsClient::new(&transport);
    {
        let mut given_up = std::pin::pin!(client.subscribe_heads());
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(given_up.as_mut().poll(cx).is_pending())
        });
        assert!(polled.await);
    }
    assert_eq!(client.add(1, 1).await.unwrap(), 2);
    while open.load(Ordering::SeqCst) > 1 {
        tokio::task::yield_now().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn slow_reader_of_items_loses_its_subscription_and_nothing_else() {
    let node = Feeds::default();
    let open = Arc::clone(&node.open);
    let running = serve(node, |options| options, WebSocketOptions::new()).await;
    let tasks = tasks();
    let target = WsTransport::to(&running.url("ws"))
        .unwrap()
        .with_item_limit(4);
    let client = FeedsClient::new(target.connect(&tasks).await.unwrap());

    let numbers = client.numbers(1_000_000, None).await.unwrap();
    // Other calls are answered meanwhile.
    while open.load(Ordering::SeqCst) > 0 {
        assert_eq!(client.add(1, 1).await.unwrap(), 2);
    }
    let kept: Vec<_> = numbers.collect().await;
    assert_eq!(kept.len(), 4 + 1, "{kept:?}");
    assert_eq!(kept[3].as_ref().unwrap(), "3");
    assert!(matches!(
        kept[4],
        Err(ClientError::Transport(TransportError::Lagged(4)))
    ));
    running.stop().await;
}

#[tokio::test]
async fn stop_of_the_server_is_told_to_subscriptions_and_calls() {
    let (running, tasks) = (plain().await, tasks());
    let transport = connect(&running, &tasks).await;
    let mut subscription = heads(&transport).await;

    running
        .handle
        .request_shutdown(ShutdownReason::UserRequested);
    let ended = subscription.next().await.unwrap();
    let Err(ClientError::Rpc(error)) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(error.code.code(), 10040);
    running.end().await;
    let late = FeedsClient::new(&transport).add(1, 1).await;
    assert!(matches!(late, Err(ClientError::Transport(_))), "{late:?}");
    assert!(transport.is_closed());
}

#[tokio::test]
async fn stop_of_the_registry_closes_the_connection() {
    let (running, tasks) = (plain().await, tasks());
    let transport = connect(&running, &tasks).await;
    let mut subscription = heads(&transport).await;

    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    let ended = subscription.next().await.unwrap();
    assert!(
        matches!(ended, Err(ClientError::Transport(TransportError::Closed))),
        "{ended:?}"
    );
    tasks.join_all(Duration::from_secs(10)).await.unwrap();
    let late = transport.call("feed_add", json!([1, 1])).await;
    assert!(matches!(late, Err(TransportError::Closed)), "{late:?}");
    let again = WsTransport::to(&running.url("ws"))
        .unwrap()
        .connect(&tasks)
        .await;
    assert!(matches!(again, Err(TransportError::Closed)), "{again:?}");
    running.stop().await;
}

#[tokio::test]
async fn last_clone_closes_the_connection() {
    let (running, tasks) = (plain().await, tasks());
    let transport = connect(&running, &tasks).await;
    let clone = transport.clone();

    drop(transport);
    assert_eq!(FeedsClient::new(&clone).add(1, 1).await.unwrap(), 2);
    // A subscription keeps the connection as a clone does.
    let few = FeedsClient::new(clone).few(2).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(few.map(Result::unwrap).collect::<Vec<u64>>().await, [0, 1]);
    while !tasks.is_empty() {
        tokio::task::yield_now().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn call_has_a_time_limit() {
    let ((running, gate), tasks) = (gated().await, tasks());
    let limit = Duration::from_secs(1);
    let target = WsTransport::to(&running.url("ws"))
        .unwrap()
        .with_timeout(limit);
    let client = FeedsClient::new(target.connect(&tasks).await.unwrap());

    let late = client.hold().await;
    assert!(
        matches!(late, Err(ClientError::Transport(TransportError::TimedOut(after))) if after == limit)
    );
    gate.add_permits(1);
    assert_eq!(client.add(1, 1).await.unwrap(), 2);
    running.stop().await;
}

#[tokio::test]
async fn answer_has_a_limit_and_headers_are_sent() {
    let hooked = |options: dig_service::rpc_http::HttpOptions| {
        options.on_request(|head, cx| {
            let user = head
                .headers
                .get("x-user")
                .and_then(|user| user.to_str().ok());
            Ok(cx.with_extension(user.unwrap_or("nobody").to_owned()))
        })
    };
    let running = serve(Feeds::default(), hooked, WebSocketOptions::new()).await;
    let tasks = tasks();
    let target = WsTransport::to(&running.url("ws")).unwrap();
    let target = target
        .with_header("x-user", "ada")
        .unwrap()
        .with_answer_limit(10_000);
    let client = FeedsClient::new(target.connect(&tasks).await.unwrap());

    assert_eq!(client.who().await.unwrap(), "ada over websocket");
    assert_eq!(client.large(9_000).await.unwrap().len(), 9_000);
    let lost = client.large(10_001).await;
    assert!(
        matches!(lost, Err(ClientError::Transport(TransportError::Lost(_)))),
        "{lost:?}"
    );
    running.stop().await;
}

#[tokio::test]
async fn items_are_kept_up_to_the_limit_even_the_least() {
    let (running, tasks) = (plain().await, tasks());
    for (limit, kept) in [(0, 1), (1, 1), (usize::MAX, 100)] {
        let target = WsTransport::to(&running.url("ws"))
            .unwrap()
            .with_item_limit(limit);
        let client = FeedsClient::new(target.connect(&tasks).await.unwrap());
        let items: Vec<_> = client.few(kept).await.unwrap().collect().await;
        assert_eq!(items.len() as u64, kept, "{items:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn error_without_an_id_is_told_to_the_only_call_it_can_be_about() {
    let (running, tasks) = (plain().await, tasks());
    let transport = connect(&running, &tasks).await;
    let mut deep = json!([]);
    for _ in 0..200 {
        deep = json!([deep]);
    }

    let refused = transport.call("feed_add", deep).await.unwrap();
    assert_eq!(refused.unwrap_err().code.code(), -32700);
    running.stop().await;
}

#[tokio::test]
async fn host_may_be_another_than_that_of_the_address() {
    let (running, tasks) = (plain().await, tasks());
    // A name that this server does not go by.
    let target = WsTransport::to(&running.url("ws")).unwrap();
    let refused = target.with_header("host", "node.example").unwrap();
    let refused = refused.connect(&tasks).await;
    assert!(
        matches!(refused, Err(TransportError::Status(403))),
        "{refused:?}"
    );
    let transport = HttpTransport::new(&running.url("http")).unwrap();
    let transport = transport.with_header("host", "node.example").unwrap();
    let refused = transport.call("feed_add", json!([1, 1])).await.unwrap();
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("Permission denied"), "{told}");
    running.stop().await;
}
