//! The methods that `admin` adds, and tiers that a transport refuses.

use dig_service::prelude::*;
use dig_service::supervisor::{ChildPhase, ChildSpec};
use dig_service::{ErrorCode, MethodInfo, RpcApi, Service, ServiceHandle};
use serde_json::{Value, json};

struct Plain;

#[dig_service::node(name = "plain", namespace = "chain", separator = ".", admin)]
impl Plain {
    #[rpc]
    fn height(&self) -> u64 {
        7
    }

    #[rpc(tier = "control", alias = "off")]
    fn halt(&self) -> bool {
        true
    }
}

#[dig_service::node(name = "half")]
struct Half;

#[dig_service::methods(admin)]
impl Half {}

const ADMIN: [&str; 9] = [
    "admin.state",
    "admin.tasks",
    "admin.stop",
    "admin.reload",
    "admin.restart",
    "admin.pause",
    "admin.resume",
    "admin.quarantine",
    "admin.remove",
];

async fn ask(
    handle: &ServiceHandle,
    method: &str,
    params: Value,
) -> Result<Value, dig_service::JsonRpcError> {
    let cx = RpcContext::local(handle.clone());
    Plain.dispatch_cx(&cx, method, params).await
}

#[test]
fn methods_of_the_tier_are_listed_with_it() {
    let tiers = |all: &'static [MethodInfo]| -> Vec<_> {
        all.iter()
            .map(|method| (method.name(), method.tier()))
            .collect()
    };
    let plain = tiers(Plain::methods());
    assert_eq!(
        plain[..2],
        [("chain.height", None), ("chain.halt", Some("control"))]
    );
    assert_eq!(plain[2..], ADMIN.map(|name| (name, Some("admin"))));
    assert_eq!(
        tiers(Half::methods()),
        ADMIN.map(|name| (name, Some("admin")))
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn service_is_looked_at_steered_and_stopped_over_rpc() {
    let child = ChildSpec::factory("feed", |cx| async move {
        cx.shutdown.cancelled().await;
        Ok(())
    });
    let service = Service::node_builder(Plain).supervise(child).build();
    let handle = service.handle();
    #[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
    let ended = tokio::spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;
    let tree = handle.supervisor();
    tree.wait_for("/feed", ChildPhase::Running).await.unwrap();

    let state = ask(&handle, "admin.state", Value::Null).await.unwrap();
    assert_eq!(
        (&state["service"], &state["phase"]),
        (&json!("plain"), &json!("running"))
    );
    assert_eq!(state["children"][0]["path"], "/feed");
    let tasks = ask(&handle, "admin.tasks", json!([])).await.unwrap();
    assert!(
        tasks
            .as_array()
            .unwrap()
            .iter()
            .any(|task| task["name"] == "run")
    );
    let named = json!({ "child": "feed", "reason": "stale", "requested_by": "alice" });
    let paused = ask(&handle, "admin.pause", named).await.unwrap();
    assert_eq!(
        (&paused["child"], &paused["decision"]),
        (&json!("/feed"), &json!("stopping"))
    );
    tree.wait_for("/feed", ChildPhase::Paused).await.unwrap();
    ask(&handle, "admin.resume", json!(["/feed", "again"]))
        .await
        .unwrap();
    tree.wait_for("/feed", ChildPhase::Running).await.unwrap();
    for method in ["admin.restart", "admin.quarantine", "admin.remove"] {
        ask(&handle, method, json!(["feed", "a test"]))
            .await
            .unwrap();
    }
    let code = async |method, params| ask(&handle, method, params).await.unwrap_err().code;
    assert_eq!(
        code("admin.restart", json!(["nobody", "why"])).await,
        ErrorCode::ResourceNotFound
    );
    assert_eq!(
        code("admin.restart", json!(["feed"])).await,
        ErrorCode::InvalidParams
    );
    assert_eq!(
        code("admin.restart", json!({ "reason": "x" })).await,
        ErrorCode::InvalidParams
    );
    assert_eq!(
        code("admin.restart", json!(["feed", " "])).await,
        ErrorCode::InvalidParams
    );
    assert_eq!(
        code("admin.state", json!([1])).await,
        ErrorCode::InvalidParams
    );
    assert_eq!(
        code("admin.stop", json!(["x", "y", "z"])).await,
        ErrorCode::InvalidParams
    );
    let stop = json!({ "child": "feed", "reason": "stale" });
    assert_eq!(code("admin.stop", stop).await, ErrorCode::InvalidParams);
    assert_eq!(
        code("admin.reload", json!(["x"])).await,
        ErrorCode::ResourceNotFound
    );
    assert_eq!(
        code("admin.fly", json!([])).await,
        ErrorCode::MethodNotFound
    );
    assert!(handle.is_running());

    let stop = ask(&handle, "admin.stop", json!(["moving"])).await.unwrap();

    assert_eq!(stop["stopping"], true);
    assert!(ended.await.unwrap().is_ok());
    let reason = ShutdownReason::RpcRequested;
    assert_eq!(handle.shutdown_token().reason(), Some(reason));
}

#[tokio::test]
async fn admin_methods_outside_a_service_say_so() {
    let error = Plain
        .dispatch("admin.state", Value::Null)
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::ResourceNotFound);
    assert_eq!(
        Plain.dispatch("chain.height", Value::Null).await.unwrap(),
        7
    );
}
