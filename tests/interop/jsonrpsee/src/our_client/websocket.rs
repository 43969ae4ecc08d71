//! Over a WebSocket.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use dig_service::client::{ClientError, TransportError, WsTransport};
use dig_service::{ShutdownReason, ShutdownToken, TaskRegistry};
use futures_util::{Stream, StreamExt, poll};
use jsonrpsee::core::traits::IdProvider;
use jsonrpsee::server::{RandomIntegerIdProvider, RandomStringIdProvider};

use super::common;
use crate::chain::{Block, ChainClient, ChainError};
use crate::report::{Report, error, same, until};
use crate::theirs::Theirs;

type Check<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

pub(super) async fn checks(report: &mut Report) -> anyhow::Result<()> {
    let tasks = TaskRegistry::new(ShutdownToken::new());
    let theirs = Theirs::start(RandomIntegerIdProvider).await?;
    let transport = connect(&theirs, &tasks).await?;
    common(report, "our WebSocket client", &transport).await?;
    drop(transport);
    theirs.stop().await?;

    subscriptions(report, &tasks, RandomIntegerIdProvider, "numbers").await?;
    subscriptions(report, &tasks, RandomStringIdProvider::new(16), "texts").await?;
    report
        .check(
            "our WebSocket client: the server stops",
            server_stops(&tasks),
        )
        .await?;
    tasks.shutdown().cancel(ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(10)).await?;
    Ok(())
}

async fn connect(theirs: &Theirs, tasks: &TaskRegistry) -> anyhow::Result<WsTransport> {
    Ok(WsTransport::to(&theirs.url("ws"))?.connect(tasks).await?)
}

/// With ids of one kind.
async fn subscriptions(
    report: &mut Report,
    tasks: &TaskRegistry,
    ids: impl IdProvider + 'static,
    kind: &str,
) -> anyhow::Result<()> {
    let theirs = Theirs::start(ids).await?;
    let client = ChainClient::new(connect(&theirs, tasks).await?);
    let checks: [(&str, Check<'_>); _] = [
        (
            "subscribe, receive, drop",
            Box::pin(heads(&theirs, &client)),
        ),
        ("a stream that ends", Box::pin(ends(&theirs, &client))),
        ("a stream that fails", Box::pin(fails(&client))),
        (
            "a last item in the close message",
            Box::pin(closes(&client)),
        ),
        ("subscriptions that are refused", Box::pin(refused(&client))),
        ("a slow reader", Box::pin(lags(&theirs, tasks))),
        ("a client that leaves", Box::pin(leaves(&theirs, tasks))),
    ];
    for (name, check) in checks {
        let name = format!("our WebSocket client, ids that are {kind}: {name}");
        report.check(&name, check).await?;
    }
    drop(client);
    theirs.stop().await
}

type Client = ChainClient<WsTransport>;

/// The next item of a subscription that goes on.
async fn next<T, E>(
    subscription: &mut (impl Stream<Item = Result<T, ClientError<E>>> + Unpin),
) -> anyhow::Result<T>
where
    ClientError<E>: std::error::Error + Send + Sync + 'static,
{
    Ok(subscription.next().await.context("it has ended")??)
}

async fn heads(theirs: &Theirs, client: &Client) -> anyhow::Result<()> {
    let mut first = client.subscribe_heads().await?;
    let mut second = client.subscribe_heads().await?;
    until(|| theirs.open() == 2).await;
    for height in 0..100 {
        theirs.inner.heads.send(height)?;
    }
    for height in 0..100 {
        same(next(&mut first).await?, Block::new(height))?;
        same(next(&mut second).await?, Block::new(height))?;
    }
    drop(first);
    until(|| theirs.open() == 1).await;
    theirs.inner.heads.send(7)?;
    same(next(&mut second).await?, Block::new(7))?;
    drop(second);
    until(|| theirs.open() == 0).await;
    Ok(())
}

/// jsonrpsee tells the end only if the method does.
async fn ends(theirs: &Theirs, client: &Client) -> anyhow::Result<()> {
    let mut told = client.count(6, None).await?;
    for number in 0..6 {
        same(next(&mut told).await?, number)?;
    }
    ensure!(told.next().await.is_none(), "one more");

    let mut untold = client.count(3, None).await?;
    for number in 0..3 {
        same(next(&mut untold).await?, number)?;
    }
    until(|| theirs.open() == 0).await;
    // Whatever was sent before this answer is here.
    same(client.add(1, 1).await?, 2)?;
    ensure!(
        matches!(poll!(StreamExt::next(&mut untold)), Poll::Pending),
        "it ended"
    );
    drop(untold);
    same(client.add(1, 1).await?, 2)
}

async fn fails(client: &Client) -> anyhow::Result<()> {
    let mut subscription = client.count(2, Some(true)).await?;
    same(next(&mut subscription).await?, 0)?;
    same(next(&mut subscription).await?, 1)?;
    match subscription.next().await.context("no error")? {
        Err(ClientError::Method(error)) => same(error, ChainError::Behind { by: 2 })?,
        other => bail!("{other:?}"),
    }
    ensure!(subscription.next().await.is_none(), "one more");

    // An error that is a text and no object.
    let subscription = client.count(7, None).await?;
    let items: Vec<_> = subscription.collect().await;
    same(items.len(), 8)?;
    match items.into_iter().next_back().context("no items")? {
        Err(ClientError::Rpc(error)) => {
            same(error.code.code(), -32603)?;
            ensure!(error.message.contains("out of numbers"), "{error:?}");
            Ok(())
        }
        other => bail!("{other:?}"),
    }
}

async fn closes(client: &Client) -> anyhow::Result<()> {
    let mut subscription = client.count(2, Some(false)).await?;
    for number in 0..=2 {
        same(next(&mut subscription).await?, number)?;
    }
    Ok(())
}

async fn refused(client: &Client) -> anyhow::Result<()> {
    match error(client.count(0, None).await)? {
        ClientError::Method(error) => same(error, ChainError::NoBlock),
        other => bail!("{other:?}"),
    }
}

async fn lags(theirs: &Theirs, tasks: &TaskRegistry) -> anyhow::Result<()> {
    let target = WsTransport::to(&theirs.url("ws"))?.with_item_limit(4);
    let client = ChainClient::new(target.connect(tasks).await?);
    let subscription = client.subscribe_heads().await?;
    until(|| theirs.open() == 1).await;
    for height in 0..10 {
        theirs.inner.heads.send(height)?;
    }
    // It is ended on the server, and other calls are answered.
    until(|| theirs.open() == 0).await;
    same(client.add(1, 1).await?, 2)?;
    let items: Vec<_> = subscription.collect().await;
    let last = items.last().context("no items")?;
    ensure!(
        matches!(last, Err(ClientError::Transport(TransportError::Lagged(4)))),
        "{items:?}"
    );
    Ok(())
}

async fn leaves(theirs: &Theirs, tasks: &TaskRegistry) -> anyhow::Result<()> {
    let transport = connect(theirs, tasks).await?;
    let subscription = ChainClient::new(&transport).subscribe_heads().await?;
    until(|| theirs.open() == 1).await;
    drop(transport);
    // The subscription keeps the connection, as a clone of the transport would.
    tokio::task::yield_now().await;
    ensure!(theirs.open() == 1, "the stream is gone");
    drop(subscription);
    until(|| theirs.open() == 0).await;
    Ok(())
}

async fn server_stops(tasks: &TaskRegistry) -> anyhow::Result<()> {
    let theirs = Theirs::start(RandomIntegerIdProvider).await?;
    let transport = connect(&theirs, tasks).await?;
    let client = ChainClient::new(&transport);
    let mut subscription = client.subscribe_heads().await?;
    theirs.stop().await?;
    let ended = subscription.next().await.context("no reason")?;
    ensure!(matches!(ended, Err(ClientError::Transport(_))), "{ended:?}");
    until(|| transport.is_closed()).await;
    let late = error(client.add(1, 1).await)?;
    ensure!(matches!(late, ClientError::Transport(_)), "{late:?}");
    Ok(())
}
