//! Every limit, at the limit and one beyond.

use std::time::Duration;

use tokio::time::Instant;

use super::assert_refused;
use super::client::{batch, call, head, post};
use super::node::Running;

const TWO_MIB: usize = 2 * 1024 * 1024;

/// A call whose text has this many bytes.
fn call_of(bytes: usize) -> String {
    let call = call(1, "echo");
    format!("{}{call}", " ".repeat(bytes - call.len()))
}

fn chunked(body: &str) -> String {
    let mut text = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                    transfer-encoding: chunked\r\n\r\n"
        .to_owned();
    for piece in body.as_bytes().chunks(64 * 1024) {
        text.push_str(&format!("{:x}\r\n", piece.len()));
        text.push_str(std::str::from_utf8(piece).expect("ASCII"));
        text.push_str("\r\n");
    }
    text + "0\r\n\r\n"
}

#[tokio::test]
async fn a_body_may_have_two_mebibytes_by_default() {
    let service = Running::start().await;

    assert_eq!(service.call(call_of(TWO_MIB)).await.status, 200);
    let beyond = service.call(call_of(TWO_MIB + 1)).await;
    assert_refused(&beyond, 413, -32600);
    assert_eq!(beyond.json()["id"], serde_json::Value::Null);
    service.stop().await;
}

#[tokio::test]
async fn the_body_limit_counts_chunks_as_well() {
    let service = Running::with(|options| options.body_limit(100_000)).await;

    let mut client = service.client().await;
    client.send(chunked(&call_of(100_000))).await;
    assert_eq!(client.response().await.status, 200);
    client.send(chunked(&call_of(100_001))).await;
    assert_refused(&client.response().await, 413, -32600);
    client.closed().await;
    service.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_on_sending_still_reads_the_413() {
    let service = Running::start().await;
    let mut client = service.client().await;

    client.send(head("", 20 * TWO_MIB)).await;
    client.try_send(&vec![b' '; 20 * TWO_MIB]).await;

    assert_refused(&client.response().await, 413, -32600);
    client.closed().await;
    service.stop().await;
}

#[tokio::test]
async fn a_body_announced_too_large_is_not_asked_for() {
    let service = Running::start().await;
    let mut client = service.client().await;

    client
        .send(head("expect: 100-continue\r\n", TWO_MIB + 1))
        .await;

    assert_refused(&client.response().await, 413, -32600);
    service.stop().await;
}

#[tokio::test]
async fn a_batch_may_hold_a_hundred_calls_by_default() {
    let service = Running::start().await;

    let at = service.call(batch(100, "echo")).await;
    assert_eq!(at.json().as_array().map(Vec::len), Some(100));
    for calls in [101, 10_000] {
        let beyond = service.call(batch(calls, "gate")).await;
        assert_refused(&beyond, 200, -32600);
        assert_eq!(beyond.json()["id"], serde_json::Value::Null);
    }
    service.stop().await;
}

#[tokio::test]
async fn the_batch_limit_can_be_set() {
    let service = Running::with(|options| options.batch_limit(2)).await;

    let at = service.call(batch(2, "echo")).await;
    assert_eq!(at.json().as_array().map(Vec::len), Some(2));
    assert_refused(&service.call(batch(3, "echo")).await, 200, -32600);
    service.stop().await;
}

#[tokio::test]
async fn two_hundred_and_fifty_six_calls_run_at_once_by_default() {
    let service = Running::start().await;
    let batches = [100, 100, 55].map(|calls| service.start_call(batch(calls, "gate")));
    let single = service.start_call(call(1, "gate"));
    service.node.calls_run(256).await;

    let beyond = service.call(call(7, "echo")).await;
    assert_refused(&beyond, 429, 10004);
    assert_eq!(beyond.json()["id"], 7);
    assert_refused_batch(&service.call(batch(2, "echo")).await);
    assert_eq!(service.client().await.get("/healthz").await.status, 200);

    service.node.gate.notify_waiters();
    for (calls, batch) in [100, 100, 55].into_iter().zip(batches) {
        let answers = batch.await.expect("no panic").json();
        assert_eq!(answers.as_array().map(Vec::len), Some(calls));
    }
    assert_eq!(single.await.expect("no panic").status, 200);
    assert_eq!(service.call(call(8, "echo")).await.status, 200);
    service.stop().await;
}

#[track_caller]
fn assert_refused_batch(response: &super::client::Response) {
    assert_eq!(response.status, 429);
    assert_eq!(response.json()[1]["error"]["code"], 10004);
}

#[tokio::test]
async fn the_calls_at_once_can_be_set() {
    let service = Running::with(|options| options.max_concurrent_calls(1)).await;
    let running = service.start_call(call(1, "gate"));
    service.node.calls_run(1).await;

    assert_refused(&service.call(call(2, "echo")).await, 429, 10004);
    let notification = r#"{"jsonrpc":"2.0","method":"echo"}"#;
    let silent = service.call(notification).await;
    assert_eq!((silent.status, silent.body.len()), (429, 0));

    service.node.gate.notify_one();
    assert_eq!(running.await.expect("no panic").status, 200);
    let batch = service.call(batch(5, "echo")).await;
    assert_eq!(batch.json().as_array().map(Vec::len), Some(5));
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_may_take_thirty_seconds_by_default() {
    let service = Running::start().await;
    let began = Instant::now();

    let response = service.call(call(1, "gate")).await;

    assert_eq!(began.elapsed().as_secs(), 30);
    assert_refused(&response, 200, -32603);
    assert_eq!(response.json()["error"]["data"], "timeout");
    service.node.calls_dropped(1).await;
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_call_timeout_can_be_set() {
    let timeout = Duration::from_secs(5);
    let service = Running::with(|options| options.call_timeout(timeout)).await;
    let began = Instant::now();

    let response = service.call(call(1, "gate")).await;

    assert_eq!(began.elapsed().as_secs(), 5);
    assert_refused(&response, 200, -32603);
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn half_a_head_and_silence_is_closed_and_costs_nothing_else() {
    for (timeout, set) in [(30, None), (3, Some(Duration::from_secs(3)))] {
        let service = Running::with(|options| match set {
            Some(timeout) => options.header_timeout(timeout),
            None => options,
        })
        .await;
        let began = Instant::now();
        let mut silent = service.client().await;
        silent.send("POST / HTTP/1.1\r\nhost: loc").await;
        let mut idle = service.client().await;
        idle.post(call(1, "echo")).await;

        silent.closed().await;
        idle.closed().await;

        assert_eq!(began.elapsed().as_secs(), timeout);
        assert_eq!(service.call(call(1, "echo")).await.status, 200);
        service.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_in_gains_no_time() {
    let service = Running::start().await;
    let began = Instant::now();
    let mut client = service.client().await;

    for byte in b"POST / HTTP/1.1\r\nhost: localhost\r\n" {
        client.try_send(&[*byte]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    client.closed().await;
    assert!(began.elapsed().as_secs().abs_diff(30) <= 5);
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn half_a_body_and_silence_is_408() {
    for (timeout, set) in [(30, None), (3, Some(Duration::from_secs(3)))] {
        let service = Running::with(|options| match set {
            Some(timeout) => options.body_timeout(timeout),
            None => options,
        })
        .await;
        let began = Instant::now();
        let mut client = service.client().await;
        client.send(head("", 50)).await;
        client.send("half").await;

        let response = client.response().await;

        assert_eq!(began.elapsed().as_secs(), timeout);
        assert_refused(&response, 408, -32600);
        client.closed().await;
        assert_eq!(service.call(call(1, "echo")).await.status, 200);
        service.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_closed() {
    for (timeout, set) in [(30, None), (3, Some(Duration::from_secs(3)))] {
        let service = Running::with(|options| match set {
            Some(timeout) => options.write_timeout(timeout),
            None => options,
        })
        .await;
        let mut client = service.client().await;
        client.send(post(call(1, "large"))).await;
        let connections = || {
            let tasks = service.handle.all_tasks();
            tasks
                .iter()
                .filter(|t| t.name == "rpc_http.connection")
                .count()
        };
        while connections() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let began = Instant::now();

        while connections() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        assert!(began.elapsed().as_secs().abs_diff(timeout) <= 1);
        drop(client);
        service.stop().await;
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_get_a_probe_or_a_refusal() {
    let service = Running::with(|options| options.max_connections(2)).await;
    let mut first = service.client().await;
    let mut second = service.client().await;
    for client in [&mut first, &mut second] {
        assert_eq!(client.post(call(1, "echo")).await.status, 200);
    }

    let mut beyond = service.client().await;
    assert_refused(&beyond.post(call(1, "echo")).await, 503, 10004);
    beyond.closed().await;
    let mut probe = service.client().await;
    assert_eq!(probe.get("/readyz").await.status, 200);
    probe.closed().await;

    drop(first);
    loop {
        let response = service.call(call(1, "echo")).await;
        if response.status == 200 {
            break;
        }
        assert_refused(&response, 503, 10004);
    }
    assert_eq!(second.post(call(2, "echo")).await.status, 200);
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_beyond_the_limit_is_closed_soon() {
    let service = Running::with(|options| options.max_connections(0)).await;
    let began = Instant::now();

    service.client().await.closed().await;

    assert_eq!(began.elapsed().as_secs(), 5);
    service.stop().await;
}
