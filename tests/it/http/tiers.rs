//! Tiers of methods that the transport takes or refuses.

use dig_service::rpc_http::HttpOptions;
use dig_service::{ErrorCode, Phase, Service, ServiceHandle, ShutdownReason};
use serde_json::{Value, json};

use super::client::Client;

struct Tiered;

#[dig_service::node(name = "tiered", admin)]
impl Tiered {
    #[rpc(tier = "control", alias = "stop_it")]
    #[expect(clippy::unused_self, reason = "as a method of a node would")]
    fn halt(&self) -> bool {
        true
    }

    #[rpc]
    #[expect(clippy::unused_self, reason = "as a method of a node would")]
    fn height(&self) -> u64 {
        7
    }
}

async fn start(options: HttpOptions) -> (ServiceHandle, tokio::task::JoinHandle<bool>) {
    let service = Service::node_builder(Tiered).rpc_http_with(options).build();
    let handle = service.handle();
    #[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
    let ended = tokio::spawn(async move { service.start().await.is_ok() });
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;
    (handle, ended)
}

/// The result, or the error's code.
async fn ask(handle: &ServiceHandle, method: &str) -> Result<Value, i64> {
    let Some(address) = handle.rpc_http_addr() else {
        panic!("it does not listen");
    };
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method }).to_string();
    let response = Client::connect(address).await.post(call).await.json();
    match response["error"]["code"].as_i64() {
        Some(code) => Err(code),
        None => Ok(response["result"].clone()),
    }
}

const DENIED: Result<Value, i64> = Err(ErrorCode::PermissionDenied.code() as i64);

#[tokio::test]
async fn tier_is_refused_under_all_names_of_its_methods_and_no_other() {
    let options = HttpOptions::new("127.0.0.1:0").refuse_tier("control");
    let (handle, ended) = start(options).await;

    assert_eq!(ask(&handle, "halt").await, DENIED);
    assert_eq!(ask(&handle, "stop_it").await, DENIED);
    assert_eq!(ask(&handle, "height").await, Ok(json!(7)));
    let state = ask(&handle, "admin.state").await.unwrap();
    assert_eq!(state["service"], "tiered");
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(ended.await.unwrap());
}

#[tokio::test]
async fn admin_is_taken_on_loopback_unless_it_is_refused() {
    for (options, is_taken) in [
        (HttpOptions::new("127.0.0.1:0"), true),
        (HttpOptions::new("127.0.0.1:0").refuse_tier("admin"), false),
        (
            HttpOptions::new("127.0.0.1:0")
                .allow_tier("admin")
                .refuse_tier("admin"),
            false,
        ),
    ] {
        let shown = format!("{options:?}");
        let (handle, ended) = start(options).await;

        let answer = ask(&handle, "admin.state").await;

        assert_eq!(answer.is_ok(), is_taken, "{shown}");
        assert!(is_taken || answer == DENIED);
        assert_eq!(ask(&handle, "halt").await, Ok(json!(true)));
        handle.request_shutdown(ShutdownReason::UserRequested);
        assert!(ended.await.unwrap());
    }
}

#[tokio::test]
async fn tier_that_no_method_has_fails_the_start() {
    let options = HttpOptions::new("127.0.0.1:0").refuse_tier("contrl");
    let service = Service::node_builder(Tiered).rpc_http_with(options).build();
    let error = service.start().await.unwrap_err();
    let chain = format!("{:#}", anyhow::Error::from(error));
    let told = r#"`refuse_tier("contrl")` refuses nothing: no method has this tier; there are ["admin", "control"]"#;
    assert!(chain.contains(told), "{chain}");
}
