//! Clients of jsonrpsee's before a server of ours.

mod http;
mod websocket;

use anyhow::{Context, bail, ensure};
use dig_service::JsonRpcError;
use dig_service::rpc_http::HttpOptions;
use jsonrpsee::core::client::{ClientT, Error};
use jsonrpsee::core::params::{BatchRequestBuilder, ObjectParams};
use jsonrpsee::rpc_params;
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee_http_client::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use crate::chain::Block;
use crate::report::{Report, error, same};

pub async fn checks(report: &mut Report) -> anyhow::Result<()> {
    http::checks(report).await?;
    websocket::checks(report).await
}

/// Lets those pass who say who they are, with batches of two.
fn known_users(options: HttpOptions) -> HttpOptions {
    let options = options.batch_limit(2);
    options.on_request(|head, cx| match head.headers.contains_key("x-user") {
        true => Ok(cx),
        false => Err(JsonRpcError::from(dig_service::ErrorCode::PermissionDenied)),
    })
}

fn user(name: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-user", HeaderValue::from_static(name));
    headers
}

/// Params by name, from an object.
fn named(object: Value) -> anyhow::Result<ObjectParams> {
    let object: Map<String, Value> = serde_json::from_value(object)?;
    let mut params = ObjectParams::new();
    for (name, value) in object {
        params.insert(&name, value)?;
    }
    Ok(params)
}

/// The server's own error.
fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> anyhow::Result<ErrorObjectOwned> {
    match error(result)? {
        Error::Call(told) => Ok(told),
        other => bail!("no error of the server: {other:?}"),
    }
}

fn parts(error: &ErrorObjectOwned) -> anyhow::Result<(i32, &str, Option<Value>)> {
    let data = error.data().map(|data| serde_json::from_str(data.get()));
    Ok((error.code(), error.message(), data.transpose()?))
}

async fn by_name(client: &impl ClientT) -> anyhow::Result<()> {
    let block: Block = client
        .request("chain_getBlock", named(json!({ "height": 3 }))?)
        .await?;
    same(block, Block::new(3))?;
    let params = named(json!({ "brief": true, "height": 3 }))?;
    let block: Block = client.request("chain_getBlock", params).await?;
    same(block.parent, None)?;
    let params = named(json!({ "from": 2, "to": 5 }))?;
    let heights: Vec<u64> = client.request("chain_heights", params).await?;
    same(heights, [2, 3, 4])
}

async fn by_position(client: &impl ClientT) -> anyhow::Result<()> {
    let sum: u64 = client.request("chain_add", rpc_params![2, 3]).await?;
    same(sum, 5)?;
    let block: Block = client.request("chain_getBlock", rpc_params![3]).await?;
    same(block, Block::new(3))?;
    let sum: i64 = client
        .request("chain_sum", rpc_params![1, 2, 3, -10])
        .await?;
    same(sum, -4)?;
    // Without any, the client leaves them out.
    let noted: u64 = client.request("chain_noted", rpc_params![]).await?;
    same(noted, 0)
}

async fn errors(client: &impl ClientT) -> anyhow::Result<()> {
    let behind = client
        .request::<Block, _>("chain_getBlock", rpc_params![12])
        .await;
    same(
        parts(&told(behind)?)?,
        (4001, "behind", Some(json!({ "by": 3 }))),
    )?;
    let absent = client
        .request::<Block, _>("chain_getBlock", rpc_params![99])
        .await;
    let code = dig_service::ErrorCode::ResourceNotFound.code();
    same(parts(&told(absent)?)?, (code, "no such block", None))
}

async fn refusals(client: &impl ClientT) -> anyhow::Result<()> {
    let unknown = client
        .request::<Value, _>("chain_burn", rpc_params![])
        .await;
    same(told(unknown)?.code(), -32601)?;
    for params in [rpc_params!["three"], rpc_params![], rpc_params![1, true, 3]] {
        let refused = client.request::<Value, _>("chain_getBlock", params).await;
        same(told(refused)?.code(), -32602)?;
    }
    let params = named(json!({ "height": 3, "depth": 4 }))?;
    let refused = client.request::<Value, _>("chain_getBlock", params).await;
    same(told(refused)?.code(), -32602)?;
    let positional = client
        .request::<Value, _>("chain_heights", rpc_params![2, 5])
        .await;
    same(told(positional)?.code(), -32602)
}

async fn batch(client: &impl ClientT) -> anyhow::Result<()> {
    let mut batch = BatchRequestBuilder::new();
    batch.insert("chain_sleep", rpc_params![20])?;
    batch.insert("chain_add", named(json!({ "a": 2, "b": 3 }))?)?;
    batch.insert("chain_getBlock", rpc_params![12])?;
    batch.insert("chain_burn", rpc_params![])?;
    batch.insert("chain_add", rpc_params![4, 5])?;
    let answers = client.batch_request::<u64>(batch).await?;
    same(
        (answers.num_successful_calls(), answers.num_failed_calls()),
        (3, 2),
    )?;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.map_err(|error| error.code()))
        .collect();
    same(answers, [Ok(20), Ok(5), Err(4001), Err(-32601), Ok(9)])
}

async fn notification(client: &impl ClientT) -> anyhow::Result<()> {
    client.notification("chain_note", rpc_params![3]).await?;
    client
        .notification("chain_note", named(json!({ "weight": 4 }))?)
        .await?;
    // One that nobody knows is not answered either.
    client.notification("chain_burn", rpc_params![3]).await?;
    loop {
        let noted: u64 = client.request("chain_noted", rpc_params![]).await?;
        ensure!(noted <= 7, "{noted}");
        if noted == 7 {
            return Ok(());
        }
    }
}

async fn large_messages(client: &impl ClientT) -> anyhow::Result<()> {
    let text = "x".repeat(1_000_000);
    let echoed: String = client.request("chain_echo", rpc_params![&text]).await?;
    ensure!(echoed == text, "{} bytes", echoed.len());
    Ok(())
}

async fn discovery(client: &impl ClientT) -> anyhow::Result<()> {
    let document: Value = client.request("rpc.discover", rpc_params![]).await?;
    let methods = document["methods"].as_array().context("methods")?;
    let names: Vec<_> = methods
        .iter()
        .filter_map(|method| method["name"].as_str())
        .collect();
    for name in [
        "chain_getBlock",
        "chain_subscribeHeads",
        "chain_unsubscribeHeads",
    ] {
        ensure!(names.contains(&name), "{names:?}");
    }
    Ok(())
}

/// What both transports do.
async fn common(report: &mut Report, who: &str, client: &impl ClientT) -> anyhow::Result<()> {
    report
        .check(&format!("{who}: params by name"), by_name(client))
        .await?;
    report
        .check(&format!("{who}: params by position"), by_position(client))
        .await?;
    report
        .check(
            &format!("{who}: errors with code, message and data"),
            errors(client),
        )
        .await?;
    report
        .check(
            &format!("{who}: unknown methods and invalid params"),
            refusals(client),
        )
        .await?;
    report
        .check(&format!("{who}: a batch"), batch(client))
        .await?;
    report
        .check(&format!("{who}: notifications"), notification(client))
        .await?;
    report
        .check(
            &format!("{who}: messages of 1 MB both ways"),
            large_messages(client),
        )
        .await?;
    report
        .check(&format!("{who}: rpc.discover"), discovery(client))
        .await
}
