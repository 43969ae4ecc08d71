//! Calls, batches, notifications; what HTTP says to them.

use std::time::Duration;

use serde_json::json;

use super::assert_refused;
use super::client::{call, head, post};
use super::node::Running;

#[tokio::test]
async fn a_call_is_answered_as_json() {
    let service = Running::start().await;

    let response = service
        .call(r#"{"jsonrpc":"2.0","id":"a","method":"echo","params":{"x":[1,"ü"]}}"#)
        .await;

    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(
        response.text(),
        r#"{"jsonrpc":"2.0","id":"a","result":{"x":[1,"ü"]}}"#
    );
    service.stop().await;
}

#[tokio::test]
async fn a_batch_is_answered_in_order_without_its_notifications() {
    let service = Running::start().await;

    let response = service
        .call(
            r#"[{"jsonrpc":"2.0","id":1,"method":"nope"}, {"jsonrpc":"2.0","method":"echo"}, 7,
                {"jsonrpc":"2.0","id":null,"method":"echo","params":[2]}]"#,
        )
        .await;

    assert_eq!(response.status, 200);
    let answers = response.json();
    assert_eq!(answers[0]["id"], 1);
    assert_eq!(answers[0]["error"]["code"], -32601);
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!(
        answers[2],
        json!({"jsonrpc": "2.0", "id": null, "result": [2]})
    );
    assert_eq!(answers[3], json!(null));
    service.stop().await;
}

#[tokio::test]
async fn nothing_to_say_is_no_content() {
    let service = Running::start().await;
    let notification = r#"{"jsonrpc":"2.0","method":"nope"}"#;

    for body in [
        notification.to_owned(),
        format!("[{notification},{notification}]"),
    ] {
        let response = service.call(body).await;
        assert_eq!((response.status, response.body.len()), (204, 0));
        assert_eq!(response.header("content-type"), None);
    }
    service.stop().await;
}

#[tokio::test]
async fn ordinary_errors_are_http_200() {
    let service = Running::start().await;
    for (body, code, id) in [
        (call(1, "nope"), -32601, json!(1)),
        (call(1, "fail"), 10005, json!(1)),
        (call(1, "panic"), -32603, json!(1)),
        ("{".to_owned(), -32700, json!(null)),
        (String::new(), -32700, json!(null)),
        ("[]".to_owned(), -32600, json!(null)),
        (r#"{"id":1}"#.to_owned(), -32600, json!(1)),
        ("5".to_owned(), -32600, json!(null)),
    ] {
        let response = service.call(&body).await;

        assert_refused(&response, 200, code);
        assert_eq!(response.json()["id"], id, "{body}");
        assert!(!response.text().contains("secret"));
    }
    let response = service.call([0xff]).await;
    assert_refused(&response, 200, -32700);
    service.stop().await;
}

#[tokio::test]
async fn a_panicking_method_leaves_the_service_and_the_connection_alive() {
    let service = Running::start().await;
    let mut client = service.client().await;

    client.post(call(1, "panic")).await;
    let response = client.post(call(2, "echo")).await;

    assert_eq!(response.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn a_method_learns_who_calls() {
    let service = Running::start().await;

    let response = service.call(call(1, "whoami")).await;

    let expected = json!(["http", "http-test", "127.0.0.1"]);
    assert_eq!(response.json()["result"], expected);
    service.stop().await;
}

#[tokio::test]
async fn a_connection_carries_many_calls_and_pipelined_ones_in_order() {
    let service = Running::start().await;
    let mut client = service.client().await;

    for id in 0..3 {
        let response = client.post(call(id, "echo")).await;
        assert_eq!(response.json()["id"], id);
    }
    let all: Vec<u8> = (3..6).flat_map(|id| post(call(id, "echo"))).collect();
    client.send(all).await;
    for id in 3..6 {
        assert_eq!(client.response().await.json()["id"], id);
    }
    client.request("GET", "/", "connection: close\r\n").await;
    client.closed().await;
    service.stop().await;
}

#[tokio::test]
async fn a_body_may_come_in_pieces() {
    let service = Running::start().await;
    let mut client = service.client().await;
    let body = call(1, "echo");
    let (one, two) = body.split_at(20);

    client.send(head("", body.len())).await;
    for piece in [one, two] {
        tokio::time::sleep(Duration::from_millis(5)).await;
        client.send(piece).await;
    }
    assert_eq!(client.response().await.json()["id"], 1);

    let chunked = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        one.len(),
        two.len(),
    );
    client.send(chunked).await;
    assert_eq!(client.response().await.json()["id"], 1);
    service.stop().await;
}

#[tokio::test]
async fn other_methods_and_paths_are_told_where_to_go() {
    let service = Running::start().await;
    let mut client = service.client().await;

    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let response = client.request(method, "/", "").await;
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(response.header("allow"), Some("POST"));
    }
    assert_eq!(client.request("HEAD", "/", "").await.status, 405);
    assert_eq!(client.get("/nowhere").await.status, 404);
    assert_eq!(client.get("//").await.status, 404);
    assert_eq!(client.request("POST", "/healthz", "").await.status, 405);
    assert_eq!(client.request("HEAD", "/healthz", "").await.status, 200);
    assert_eq!(client.get("/?a=b").await.status, 405);
    service.stop().await;
}

#[tokio::test]
async fn a_client_that_closes_its_side_is_answered() {
    let service = Running::start().await;
    let mut client = service.client().await;
    client.send(post(call(1, "gate")).repeat(2)).await;
    client.finish().await;

    for _ in 0..2 {
        service.node.calls_run(1).await;
        service.node.gate.notify_one();

        assert_eq!(client.response().await.json()["id"], 1);
    }
    client.closed().await;
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_client_hung_up_has_no_more_than_its_time() {
    let service = Running::start().await;
    let mut client = service.client().await;
    client.send(post(call(1, "gate"))).await;
    service.node.calls_run(1).await;

    drop(client);

    service.node.calls_dropped(1).await;
    service.stop().await;
}

#[tokio::test]
async fn a_client_that_breaks_off_a_body_runs_nothing() {
    let service = Running::start().await;
    let mut client = service.client().await;
    let request = post(call(1, "gate"));
    client.send(&request[..request.len() - 5]).await;

    client.finish().await;

    assert_eq!(client.response().await.status, 400);
    client.closed().await;
    service.stop().await;
}

#[tokio::test]
async fn broken_http_is_refused_and_costs_nothing_else() {
    let service = Running::start().await;
    let mut client = service.client().await;

    client.send("nonsense\r\n\r\n").await;

    assert_eq!(client.response().await.status, 400);
    client.closed().await;
    let mut client = service.client().await;
    let headers = "x-more: and more\r\n".repeat(1_000);
    assert_eq!(client.request("GET", "/", &headers).await.status, 431);
    assert_eq!(service.call(call(1, "echo")).await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_cost_the_answer() {
    let service = Running::start().await;
    let large = vec![b'x'; 8 * 1024 * 1024];
    for (target, status) in [
        ("PUT /", 405),
        ("POST /nowhere", 404),
        ("POST /healthz", 405),
    ] {
        let mut client = service.client().await;
        let length = large.len();
        let head = format!("{target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n");
        client.send(head + "\r\n").await;
        client.try_send(&large).await;

        assert_eq!(client.response().await.status, status, "{target}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_client_may_ask_before_it_sends_a_body() {
    let service = Running::start().await;
    let mut client = service.client().await;
    let body = call(1, "echo");

    client
        .send(head("expect: 100-continue\r\n", body.len()))
        .await;
    assert_eq!(client.response().await.status, 100);
    client.send(body).await;

    assert_eq!(client.response().await.json()["id"], 1);
    service.stop().await;
}
