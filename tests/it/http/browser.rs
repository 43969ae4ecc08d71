//! What keeps pages in browsers out, and lets some of them in.

use super::assert_refused;
use super::client::{Response, call};
use super::node::Running;

const JSON: &str = "content-type: application/json\r\n";

/// Calls `echo` with exactly these headers.
async fn call_with(service: &Running, headers: &str) -> Response {
    let body = call(1, "echo");
    let length = body.len();
    let request = format!("POST / HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}");
    let mut client = service.client().await;
    client.send(request).await;
    client.response().await
}

#[tokio::test]
async fn another_content_type_is_415() {
    let service = Running::start().await;
    for headers in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
    ] {
        let response = call_with(&service, &format!("host: localhost\r\n{headers}")).await;
        assert_refused(&response, 415, -32600);
    }
    let utf8 = "host: localhost\r\ncontent-type: application/json; charset=utf-8\r\n";
    assert_eq!(call_with(&service, utf8).await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn a_foreign_host_is_403_and_a_missing_one_400() {
    let service = Running::start().await;
    let with_host = |host| format!("host: {host}\r\n{JSON}");

    for host in ["evil.example", "evil.example:9778", "192.0.2.1"] {
        let response = call_with(&service, &with_host(host)).await;
        assert_refused(&response, 403, 10003);
    }
    for host in ["localhost", "127.0.0.1:9778", "[::1]"] {
        assert_eq!(call_with(&service, &with_host(host)).await.status, 200);
    }
    assert_refused(&call_with(&service, JSON).await, 400, -32600);
    service.stop().await;
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let service = Running::start().await;
    let with_origin = |origin| format!("host: localhost\r\norigin: {origin}\r\n{JSON}");

    for origin in [
        "http://evil.example",
        "null",
        "http://localhost.evil.example",
    ] {
        let response = call_with(&service, &with_origin(origin)).await;
        assert_refused(&response, 403, 10003);
    }
    let own = call_with(&service, &with_origin("http://localhost:3000")).await;
    assert_eq!(own.status, 200);
    assert_eq!(own.header("access-control-allow-origin"), None);
    service.stop().await;
}

#[tokio::test]
async fn a_host_can_be_allowed() {
    let service = Running::with(|options| options.allow_host("node.example")).await;

    let allowed = format!("host: node.example:9778\r\n{JSON}");
    assert_eq!(call_with(&service, &allowed).await.status, 200);
    let foreign = format!("host: evil.example\r\n{JSON}");
    assert_eq!(call_with(&service, &foreign).await.status, 403);
    service.stop().await;
}

#[tokio::test]
async fn any_host_can_be_allowed() {
    let service = Running::with(|options| options.allow_any_host()).await;

    let any = format!("host: evil.example\r\n{JSON}");
    assert_eq!(call_with(&service, &any).await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_call_and_read() {
    let service = Running::with(|options| options.allow_origin("https://app.example")).await;
    let origin = "origin: https://app.example\r\n";
    let allow_origin = "access-control-allow-origin";

    let mut client = service.client().await;
    let asks = format!("{origin}access-control-request-method: POST\r\n");
    let preflight = client.request("OPTIONS", "/", &asks).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header(allow_origin), Some("https://app.example"));
    let allowed = preflight.header("access-control-allow-headers");
    assert_eq!(allowed, Some("content-type"));

    let response = call_with(&service, &format!("host: localhost\r\n{origin}{JSON}")).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header(allow_origin), Some("https://app.example"));
    assert_eq!(response.header("vary"), Some("origin"));

    let foreign = "origin: https://evil.example\r\n";
    let refused = client.request("OPTIONS", "/", foreign).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header(allow_origin), None);
    service.stop().await;
}

#[tokio::test]
async fn probes_answer_whatever_the_host() {
    let service = Running::start().await;
    let mut client = service.client().await;

    client
        .send("GET /readyz HTTP/1.1\r\nhost: node.internal\r\n\r\n")
        .await;

    assert_eq!(client.response().await.status, 200);
    service.stop().await;
}
