//! Over a WebSocket.

use std::time::Duration;

use anyhow::{Context, ensure};
use dig_service::ShutdownReason;
use dig_service::rpc_http::WebSocketOptions;
use futures_util::future::join_all;
use jsonrpsee::core::client::{ClientT, Error, IdKind, Subscription, SubscriptionClientT};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::rpc_params;
use jsonrpsee_ws_client::{PingConfig, WsClient, WsClientBuilder};
use serde_json::json;

use super::{common, known_users, named, parts, told, user};
use crate::chain::Block;
use crate::ours::Ours;
use crate::report::{Report, error, same, until};

pub(super) async fn checks(report: &mut Report) -> anyhow::Result<()> {
    let ours = Ours::start().await?;
    let client = connect(&ours).await?;
    common(report, "their WebSocket client", &client).await?;
    for (name, check) in [
        (
            "calls overtake one another",
            Box::pin(side_by_side(&client)) as std::pin::Pin<Box<dyn Future<Output = _>>>,
        ),
        (
            "subscribe, receive, unsubscribe",
            Box::pin(heads(&ours, &client)),
        ),
        (
            "a subscription that is dropped",
            Box::pin(dropped(&ours, &client)),
        ),
        ("a stream that ends", Box::pin(ends(&client))),
        ("a stream that fails", Box::pin(fails(&client))),
        ("subscriptions that are refused", Box::pin(refused(&client))),
        ("many subscriptions at once", Box::pin(many(&client))),
        ("ids that are texts", Box::pin(text_ids(&ours))),
        ("a client that leaves", Box::pin(leaves(&ours))),
    ] {
        report
            .check(&format!("their WebSocket client: {name}"), check)
            .await?;
    }
    drop(client);
    ours.stop().await?;
    report
        .check("their WebSocket client: pings both ways", pings())
        .await?;
    report
        .check("their WebSocket client: headers", headers())
        .await?;
    report
        .check("their WebSocket client: the server stops", server_stops())
        .await?;
    report
        .check(
            "their WebSocket client: a batch that is too large",
            too_large(),
        )
        .await
}

async fn connect(ours: &Ours) -> anyhow::Result<WsClient> {
    Ok(WsClientBuilder::new().build(ours.url("ws")).await?)
}

async fn subscribe_heads(client: &WsClient) -> Result<Subscription<Block>, Error> {
    client
        .subscribe(
            "chain_subscribeHeads",
            rpc_params![],
            "chain_unsubscribeHeads",
        )
        .await
}

async fn count(client: &WsClient, upto: u64, fails: bool) -> Result<Subscription<u64>, Error> {
    let params = rpc_params![upto, fails];
    client
        .subscribe("chain_count", params, "chain_stop_counting")
        .await
}

async fn side_by_side(client: &WsClient) -> anyhow::Result<()> {
    let calls =
        (0..20u64).map(|number| client.request::<u64, _>("chain_sleep", rpc_params![20 - number]));
    for (number, slept) in (0..).zip(join_all(calls).await) {
        same(slept?, 20 - number)?;
    }
    Ok(())
}

async fn next<T: serde::de::DeserializeOwned>(
    subscription: &mut Subscription<T>,
) -> anyhow::Result<T> {
    Ok(subscription.next().await.context("it has ended")??)
}

async fn heads(ours: &Ours, client: &WsClient) -> anyhow::Result<()> {
    let (mut first, mut second) = (
        subscribe_heads(client).await?,
        subscribe_heads(client).await?,
    );
    same(ours.heads.receiver_count(), 2)?;
    for height in 0..100 {
        ours.heads.send(height)?;
    }
    for height in 0..100 {
        same(next(&mut first).await?, Block::new(height))?;
        same(next(&mut second).await?, Block::new(height))?;
    }
    first.unsubscribe().await?;
    until(|| ours.heads.receiver_count() == 1).await;
    ours.heads.send(7)?;
    same(next(&mut second).await?, Block::new(7))?;
    second.unsubscribe().await?;
    until(|| ours.heads.receiver_count() == 0).await;
    Ok(())
}

async fn dropped(ours: &Ours, client: &WsClient) -> anyhow::Result<()> {
    let subscription = subscribe_heads(client).await?;
    same(ours.heads.receiver_count(), 1)?;
    drop(subscription);
    until(|| ours.heads.receiver_count() == 0).await;
    Ok(())
}

async fn ends(client: &WsClient) -> anyhow::Result<()> {
    let params = named(json!({ "upto": 3 }))?;
    let subscription = client.subscribe("chain_count", params, "chain_stop_counting");
    let mut subscription: Subscription<u64> = subscription.await?;
    for number in 0..3 {
        same(next(&mut subscription).await?, number)?;
    }
    ensure!(subscription.next().await.is_none(), "one more");
    // The connection is as good as before.
    ensure!(client.is_connected());
    subscription.unsubscribe().await?;
    Ok(())
}

/// The client has no place for the reason: to it, that is an end.
async fn fails(client: &WsClient) -> anyhow::Result<()> {
    let mut subscription = count(client, 2, true).await?;
    same(next(&mut subscription).await?, 0)?;
    same(next(&mut subscription).await?, 1)?;
    ensure!(subscription.next().await.is_none(), "one more");
    ensure!(client.is_connected());
    Ok(())
}

async fn refused(client: &WsClient) -> anyhow::Result<()> {
    let absent = told(count(client, 0, false).await)?;
    let code = dig_service::ErrorCode::ResourceNotFound.code();
    same(parts(&absent)?, (code, "no such block", None))?;
    let invalid = client
        .subscribe::<u64, _>("chain_count", rpc_params!["x"], "chain_stop_counting")
        .await;
    same(told(invalid)?.code(), -32602)?;
    let unknown = client
        .subscribe::<u64, _>("chain_burn", rpc_params![], "chain_unburn")
        .await;
    same(told(unknown)?.code(), -32601)
}

async fn many(client: &WsClient) -> anyhow::Result<()> {
    let subscriptions = (1..=20).map(|upto| count(client, upto, false));
    for (upto, subscription) in (1..).zip(join_all(subscriptions).await) {
        let mut subscription = subscription?;
        for number in 0..upto {
            same(next(&mut subscription).await?, number)?;
        }
        ensure!(subscription.next().await.is_none(), "one more");
    }
    Ok(())
}

async fn text_ids(ours: &Ours) -> anyhow::Result<()> {
    let client = WsClientBuilder::new().id_format(IdKind::String);
    let client = client.build(ours.url("ws")).await?;
    let sum: u64 = client.request("chain_add", rpc_params![2, 3]).await?;
    same(sum, 5)?;
    let mut subscription = subscribe_heads(&client).await?;
    ours.heads.send(5)?;
    same(next(&mut subscription).await?, Block::new(5))?;
    subscription.unsubscribe().await?;
    until(|| ours.heads.receiver_count() == 0).await;
    Ok(())
}

async fn leaves(ours: &Ours) -> anyhow::Result<()> {
    let client = connect(ours).await?;
    let _first = subscribe_heads(&client).await?;
    let _second = subscribe_heads(&client).await?;
    same(ours.heads.receiver_count(), 2)?;
    drop(client);
    until(|| ours.heads.receiver_count() == 0).await;
    Ok(())
}

/// Each side pings the other often, and closes if there is no answer; ours before its next ping.
async fn pings() -> anyhow::Result<()> {
    let options = WebSocketOptions::new().ping_interval(Duration::from_secs(1));
    let ours = Ours::start_with(|options| options, options).await?;
    let pinging = PingConfig::new()
        .ping_interval(Duration::from_millis(100))
        .inactive_limit(Duration::from_secs(1))
        .max_failures(2);
    let client = WsClientBuilder::new().enable_ws_ping(pinging);
    let client = client.build(ours.url("ws")).await?;
    let mut subscription = subscribe_heads(&client).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    ours.heads.send(5)?;
    same(next(&mut subscription).await?, Block::new(5))?;
    ensure!(client.is_connected());
    drop(client);
    ours.stop().await
}

/// Of a WebSocket it is the request that opens it which is looked at.
async fn headers() -> anyhow::Result<()> {
    let ours = Ours::start_with(known_users, WebSocketOptions::new()).await?;
    let refused = error(connect(&ours).await)?;
    ensure!(refused.to_string().contains("403"), "{refused:?}");
    let client = WsClientBuilder::new().set_headers(user("ada"));
    let client = client.build(ours.url("ws")).await?;
    let noted: u64 = client.request("chain_noted", rpc_params![]).await?;
    same(noted, 0)?;
    drop(client);
    ours.stop().await
}

async fn server_stops() -> anyhow::Result<()> {
    let ours = Ours::start().await?;
    let client = connect(&ours).await?;
    let mut subscription = subscribe_heads(&client).await?;
    let slow = client.request::<u64, _>("chain_sleep", rpc_params![200]);
    let stop = async {
        // So that the call is in before the stop.
        client
            .request::<u64, _>("chain_noted", rpc_params![])
            .await?;
        ours.handle.request_shutdown(ShutdownReason::UserRequested);
        ensure!(subscription.next().await.is_none(), "an item");
        Ok(())
    };
    let (slow, stopped) = tokio::join!(slow, stop);
    stopped?;
    // What was called before the stop is answered still.
    same(slow?, 200)?;
    client.on_disconnect().await;
    ensure!(!client.is_connected());
    let late = client.request::<u64, _>("chain_noted", rpc_params![]).await;
    let late = error(late)?;
    ensure!(matches!(late, Error::RestartNeeded(_)), "{late:?}");
    ours.end().await
}

/// The one answer has the id null, which ends the client; it does so before its own server, too.
async fn too_large() -> anyhow::Result<()> {
    let ours = Ours::start_with(|options| options.batch_limit(2), WebSocketOptions::new()).await?;
    let client = connect(&ours).await?;
    let mut batch = BatchRequestBuilder::new();
    for _ in 0..3 {
        batch.insert("chain_noted", rpc_params![])?;
    }
    let refused = error(client.batch_request::<u64>(batch).await)?;
    ensure!(matches!(refused, Error::RestartNeeded(_)), "{refused:?}");
    ours.stop().await
}
