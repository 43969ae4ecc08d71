//! Clients of ours before a server of jsonrpsee's.

mod websocket;

use anyhow::{bail, ensure};
use dig_service::client::{ClientError, HttpTransport, RpcTransport, batched};
use jsonrpsee::server::RandomIntegerIdProvider;
use serde_json::{Value, json};

use crate::chain::{Block, ChainClient, ChainError, Range};
use crate::report::{Report, error, same};
use crate::theirs::Theirs;

pub async fn checks(report: &mut Report) -> anyhow::Result<()> {
    let theirs = Theirs::start(RandomIntegerIdProvider).await?;
    let transport = HttpTransport::new(&theirs.url("http"))?;
    common(report, "our HTTP client", &transport).await?;
    report
        .check(
            "our HTTP client: subscriptions are refused",
            subscription(&transport),
        )
        .await?;
    theirs.stop().await?;
    websocket::checks(report).await
}

/// What both transports do.
async fn common(
    report: &mut Report,
    who: &str,
    transport: &impl RpcTransport,
) -> anyhow::Result<()> {
    report
        .check(&format!("{who}: calls"), calls(transport))
        .await?;
    report
        .check(&format!("{who}: typed errors"), errors(transport))
        .await?;
    report
        .check(
            &format!("{who}: unknown methods and invalid params"),
            refusals(transport),
        )
        .await?;
    report
        .check(&format!("{who}: batches"), batches(transport))
        .await?;
    report
        .check(
            &format!("{who}: batches that are refused"),
            too_large(transport),
        )
        .await?;
    report
        .check(&format!("{who}: notifications"), notifications(transport))
        .await?;
    report
        .check(
            &format!("{who}: calls side by side"),
            side_by_side(transport),
        )
        .await
}

async fn calls(transport: &impl RpcTransport) -> anyhow::Result<()> {
    let client = ChainClient::new(transport);
    same(client.get_block(3, None).await?, Block::new(3))?;
    same(client.get_block(3, Some(true)).await?.parent, None)?;
    same(client.add(2, 3).await?, 5)?;
    same(client.sum(vec![1, 2, -10]).await?, -7)?;
    let range = Range {
        from: 2,
        to: Some(5),
    };
    same(client.heights(range).await?, [2, 3, 4])?;
    same(client.noted().await?, 0)?;
    let text = "x".repeat(1_000_000);
    let echoed = client.echo(text.clone()).await?;
    ensure!(echoed == text, "{} bytes", echoed.len());
    // By position, where the method reads a struct.
    let sum = transport.call("chain_add", json!([2, 3])).await?;
    same(sum, Ok(json!(5)))
}

async fn errors(transport: &impl RpcTransport) -> anyhow::Result<()> {
    let client = ChainClient::new(transport);
    match error(client.get_block(12, None).await)? {
        ClientError::Method(behind) => same(behind, ChainError::Behind { by: 3 })?,
        other => bail!("{other:?}"),
    }
    match error(client.get_block(99, None).await)? {
        ClientError::Method(absent) => same(absent, ChainError::NoBlock),
        other => bail!("{other:?}"),
    }
}

async fn refusals(transport: &impl RpcTransport) -> anyhow::Result<()> {
    for (method, params, code) in [
        ("chain_burn", Value::Null, -32601),
        ("chain_getBlock", json!(["three"]), -32602),
        ("chain_getBlock", Value::Null, -32602),
        ("chain_add", json!({ "a": 1 }), -32602),
    ] {
        let refused = transport.call(method, params).await?;
        same(refused.map_err(|error| error.code.code()), Err(code))?;
    }
    Ok(())
}

async fn batches(transport: &impl RpcTransport) -> anyhow::Result<()> {
    let (slow, behind, sum, noted) = batched(transport, async |wire| {
        let client = ChainClient::new(wire);
        let together = tokio::join!(
            client.sleep(20),
            client.get_block(12, None),
            client.add(2, 3)
        );
        let (slow, behind, sum) = together;
        // Alone, so no batch.
        (slow, behind, sum, client.noted().await)
    })
    .await;
    same((slow?, sum?, noted?), (20, 5, 0))?;
    let behind = error(behind)?;
    ensure!(
        matches!(behind, ClientError::Method(ChainError::Behind { by: 3 })),
        "{behind:?}"
    );
    // With a notification, and with nothing else.
    let (noted, sum) = batched(transport, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(client.note(3), client.add(2, 3))
    })
    .await;
    noted?;
    same(sum?, 5)?;
    let (first, second) = batched(transport, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(client.note(3), client.note(4))
    })
    .await;
    first?;
    second?;
    Ok(())
}

/// The server takes three calls.
async fn too_large(transport: &impl RpcTransport) -> anyhow::Result<()> {
    // An answer, so that the notifications before it cannot be what is refused.
    same(ChainClient::new(transport).add(2, 3).await?, 5)?;
    let (first, .., last) = batched(transport, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(
            client.add(1, 1),
            client.add(2, 2),
            client.add(3, 3),
            client.add(4, 4)
        )
    })
    .await;
    for refused in [error(first)?, error(last)?] {
        match refused {
            ClientError::Rpc(error) => ensure!(error.code.code() == -32010, "{error}"),
            other => bail!("{other:?}"),
        }
    }
    same(ChainClient::new(transport).add(2, 3).await?, 5)
}

/// jsonrpsee takes notifications and runs nothing for them.
async fn notifications(transport: &impl RpcTransport) -> anyhow::Result<()> {
    let client = ChainClient::new(transport);
    client.note(3).await?;
    client.note(4).await?;
    transport.notify("chain_burn", Value::Null).await?;
    same(client.noted().await?, 0)
}

async fn side_by_side(transport: &impl RpcTransport) -> anyhow::Result<()> {
    let client = ChainClient::new(transport);
    let calls = (0..20u64).map(|number| client.sleep(20 - number));
    let slept = futures_util::future::join_all(calls).await;
    for (number, slept) in (0..).zip(slept) {
        same(slept?, 20 - number)?;
    }
    Ok(())
}

async fn subscription(transport: &HttpTransport) -> anyhow::Result<()> {
    let refused = transport.call("chain_count", json!({ "upto": 3 })).await?;
    ensure!(refused.is_err(), "{refused:?}");
    Ok(())
}
