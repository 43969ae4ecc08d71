//! Over HTTP.

use anyhow::ensure;
use dig_service::rpc_http::WebSocketOptions;
use futures_util::future::join_all;
use jsonrpsee::core::client::{ClientT, Error, IdKind};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::rpc_params;
use jsonrpsee_http_client::HttpClient;

use super::{common, known_users, told, user};
use crate::ours::Ours;
use crate::report::{Report, error, same};

pub(super) async fn checks(report: &mut Report) -> anyhow::Result<()> {
    let ours = Ours::start().await?;
    let client = HttpClient::builder().build(ours.url("http"))?;
    common(report, "their HTTP client", &client).await?;
    report
        .check("their HTTP client: ids that are texts", text_ids(&ours))
        .await?;
    report
        .check(
            "their HTTP client: calls side by side",
            side_by_side(&client),
        )
        .await?;
    report
        .check(
            "their HTTP client: subscriptions are refused",
            subscription(&client),
        )
        .await?;
    drop(client);
    ours.stop().await?;
    report
        .check(
            "their HTTP client: headers, and what refusals look like",
            refusals(),
        )
        .await
}

async fn text_ids(ours: &Ours) -> anyhow::Result<()> {
    let client = HttpClient::builder()
        .id_format(IdKind::String)
        .build(ours.url("http"))?;
    let sum: u64 = client.request("chain_add", rpc_params![2, 3]).await?;
    same(sum, 5)?;
    let mut batch = BatchRequestBuilder::new();
    batch.insert("chain_add", rpc_params![1, 1])?;
    batch.insert("chain_add", rpc_params![2, 2])?;
    let answers = client.batch_request::<u64>(batch).await?;
    same(answers.num_successful_calls(), 2)
}

async fn side_by_side(client: &HttpClient) -> anyhow::Result<()> {
    let calls =
        (0..50u64).map(|number| client.request::<u64, _>("chain_add", rpc_params![number, 1]));
    for (number, sum) in (1..).zip(join_all(calls).await) {
        same(sum?, number)?;
    }
    Ok(())
}

async fn subscription(client: &HttpClient) -> anyhow::Result<()> {
    let refused = client
        .request::<u64, _>("chain_count", rpc_params![3])
        .await;
    same(told(refused)?.code(), -32601)
}

/// The client takes no body with another status than 200, and no object in place of an array.
async fn refusals() -> anyhow::Result<()> {
    let ours = Ours::start_with(known_users, WebSocketOptions::new()).await?;
    let client = HttpClient::builder().build(ours.url("http"))?;
    let refused = error(client.request::<u64, _>("chain_noted", rpc_params![]).await)?;
    ensure!(
        matches!(&refused, Error::Transport(why) if why.to_string().contains("403")),
        "{refused:?}"
    );

    let known = HttpClient::builder()
        .set_headers(user("ada"))
        .build(ours.url("http"))?;
    let noted: u64 = known.request("chain_noted", rpc_params![]).await?;
    same(noted, 0)?;
    let mut batch = BatchRequestBuilder::new();
    for _ in 0..3 {
        batch.insert("chain_noted", rpc_params![])?;
    }
    let refused = error(known.batch_request::<u64>(batch).await)?;
    ensure!(matches!(refused, Error::ParseError(_)), "{refused:?}");
    ours.stop().await
}
