//! The application's say: `HttpOptions::on_request` and `filter`.

#![expect(
    clippy::unused_self,
    reason = "the methods have the signatures that are tested"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dig_service::rpc_http::HttpOptions;
use dig_service::{ErrorCode, JsonRpcError, RpcContext, Service};
use serde_json::json;

use super::client::{Client, head};
use crate::running::Running;

/// Who calls, as the hook found out.
struct User(String);

struct Door;

#[dig_service::node]
impl Door {
    #[rpc(alias = "me")]
    fn who(&self, cx: &RpcContext) -> Option<String> {
        cx.extension::<User>().map(|user| user.0.clone())
    }

    #[rpc(tier = "control")]
    fn turn(&self) -> u8 {
        1
    }
}

async fn serve(options: HttpOptions) -> Running {
    Running::start(Service::node_builder(Door).rpc_http_with(options).build()).await
}

async fn client(running: &Running) -> Client {
    Client::connect(running.handle.rpc_http_addr().expect("it listens")).await
}

fn call(method: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method }).to_string()
}

fn denied(what: &str) -> JsonRpcError {
    JsonRpcError::new(ErrorCode::PermissionDenied, what)
}

#[tokio::test]
async fn request_hook_tells_methods_who_calls_or_refuses() {
    let options = HttpOptions::new("127.0.0.1:0").on_request(|head, cx| {
        match head
            .headers
            .get("x-user")
            .and_then(|user| user.to_str().ok())
        {
            None => Err(denied("who are you?")),
            Some("crash") => panic!("the hook panics"),
            Some(user) => Ok(cx.with_extension(User(user.to_owned()))),
        }
    });
    let running = serve(options).await;
    let with_user = |user: &str| {
        let body = call("who");
        head(&format!("x-user: {user}\r\n"), body.len()) + &body
    };

    let mut one = client(&running).await;
    for user in ["ada", "bob"] {
        one.send(with_user(user)).await;
        assert_eq!(one.response().await.json()["result"], user);
    }
    let nobody = client(&running).await.post(call("who")).await;
    assert_eq!((nobody.status, nobody.code()), (403, 10003));
    assert_eq!(nobody.json()["error"]["message"], "who are you?");
    let mut crashed = client(&running).await;
    crashed.send(with_user("crash")).await;
    let crashed = crashed.response().await;
    assert_eq!((crashed.status, crashed.code()), (500, -32603));
    // Probes are nobody's secret.
    let probe = client(&running).await.get("/healthz").await;
    assert_eq!(probe.status, 200);
    running.stop().await;
}

#[tokio::test]
async fn filter_switches_methods_off_while_the_service_runs() {
    let is_open = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&is_open);
    let options = HttpOptions::new("127.0.0.1:0").filter(move |_, method, info| {
        assert_ne!(method, "crash");
        let is_control = info.is_some_and(|info| info.tier() == Some("control"));
        match is_control && !is_open.load(Ordering::SeqCst) {
            true => Err(denied("closed for now")),
            false => Ok(()),
        }
    });
    let running = serve(options).await;
    let mut client = client(&running).await;

    assert_eq!(client.post(call("turn")).await.json()["result"], 1);
    switch.store(false, Ordering::SeqCst);
    let closed = client.post(call("turn")).await;
    assert_eq!((closed.status, closed.code()), (200, 10003));
    assert_eq!(client.post(call("who")).await.status, 200);
    assert_eq!(client.post(call("crash")).await.code(), -32603);
    // In a batch, only what is refused is.
    let batch = format!("[{},{}]", call("turn"), call("me"));
    let answers = client.post(batch).await.json();
    assert_eq!(answers[0]["error"]["code"], 10003);
    assert_eq!(answers[1]["result"], json!(null));
    running.stop().await;
}

#[tokio::test]
async fn filter_knows_methods_by_their_own_names_and_others_by_what_was_called() {
    let options = HttpOptions::new("127.0.0.1:0").filter(|cx, method, info| {
        let known = info.map_or("unknown", |info| info.name());
        Err(denied(&format!("{method} {known} {}", cx.transport())))
    });
    let running = serve(options).await;
    let mut client = client(&running).await;

    for (method, said) in [
        ("who", "who who http"),
        // An alias is no way round.
        ("me", "who who http"),
        ("absent", "absent unknown http"),
    ] {
        let refused = client.post(call(method)).await.json();
        assert_eq!(refused["error"]["message"], said);
    }
    running.stop().await;
}
