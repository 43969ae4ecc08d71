//! From HTTP to a WebSocket, and back out again.

use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
use dig_service::{ErrorCode, JsonRpcError, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::node::Feeds;
use super::{address, plain, serve};
use crate::running::Running;

/// The key of RFC 6455, section 1.3, and the answer that it has there.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Sends a request and returns the head of the response, in lower case but for values.
async fn head(running: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(address(running))
        .await
        .expect("a listener");
    let request = request.replace('\n', "\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    String::from_utf8(head).expect("text")
}

fn request(change: impl Fn(&str) -> Option<String>) -> String {
    let lines = [
        "GET / HTTP/1.1".to_owned(),
        "Host: localhost".to_owned(),
        "Connection: keep-alive, Upgrade".to_owned(),
        "Upgrade: WebSocket".to_owned(),
        "Sec-WebSocket-Version: 13".to_owned(),
        format!("Sec-WebSocket-Key: {KEY}"),
    ];
    let lines: Vec<String> = lines.into_iter().filter_map(|line| change(&line)).collect();
    lines.join("\n") + "\n\n"
}

/// The same with one line in place of the one that begins alike.
fn with(line: &str) -> String {
    let name = line.split_once(':').map_or(line, |(name, _)| name);
    request(|own| {
        Some(if own.starts_with(name) {
            line.to_owned()
        } else {
            own.to_owned()
        })
    })
}

fn without(name: &str) -> String {
    request(|own| (!own.starts_with(name)).then(|| own.to_owned()))
}

#[tokio::test]
async fn handshake_is_that_of_the_standard() {
    let running = plain().await;

    let head = head(&running, &request(|line| Some(line.to_owned()))).await;
    assert!(
        head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("sec-websocket-accept: {ACCEPT}\r\n")),
        "{head}"
    );
    assert!(head.contains("upgrade: websocket\r\n"), "{head}");
    running.stop().await;
}

#[tokio::test]
async fn broken_handshakes_are_refused() {
    let running = plain().await;

    for (request, status) in [
        (with("Connection: keep-alive"), "400"),
        (with("Sec-WebSocket-Version: 8"), "426"),
        (without("Sec-WebSocket-Version"), "426"),
        (with("Sec-WebSocket-Key: short"), "400"),
        (with("Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!"), "400"),
        (with("Sec-WebSocket-Key: dGhlIHNhbXBs-SBub25jZQ=="), "400"),
        (with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA"), "400"),
        (without("Sec-WebSocket-Key"), "400"),
        // Not a WebSocket at all.
        (with("Upgrade: h2c"), "405"),
        (with("Host: evil.example"), "403"),
        (with("Host: localhost\nOrigin: https://evil.example"), "403"),
    ] {
        let head = head(&running, &request).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}{head}"
        );
        assert_eq!(
            head.contains("sec-websocket-version: 13\r\n"),
            status == "426",
            "{head}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn without_the_option_there_are_no_websockets() {
    let service = Service::node_builder(Feeds::default()).rpc_http("127.0.0.1:0");
    let running = Running::start(service.build()).await;

    let head = head(&running, &request(|line| Some(line.to_owned()))).await;
    assert!(head.starts_with("HTTP/1.1 405 "), "{head}");
    running.stop().await;
}

#[tokio::test]
async fn request_hook_decides_who_may_open_one() {
    let hooked = |options: HttpOptions| {
        options.on_request(|head, cx| match head.headers.get("x-user") {
            Some(user) if user == "crash" => panic!("the hook panics"),
            Some(user) => Ok(cx.with_extension(user.to_str().unwrap_or("?").to_owned())),
            None => Err(JsonRpcError::new(
                ErrorCode::PermissionDenied,
                "who are you?",
            )),
        })
    };
    let running = serve(Feeds::default(), hooked, WebSocketOptions::new()).await;

    let nobody = head(&running, &request(|line| Some(line.to_owned()))).await;
    assert!(nobody.starts_with("HTTP/1.1 403 "), "{nobody}");
    let crash = head(&running, &with("Host: localhost\nx-user: crash")).await;
    assert!(crash.starts_with("HTTP/1.1 500 "), "{crash}");
    let ada = head(&running, &with("Host: localhost\nx-user: ada")).await;
    assert!(ada.starts_with("HTTP/1.1 101 "), "{ada}");
    running.stop().await;
}
