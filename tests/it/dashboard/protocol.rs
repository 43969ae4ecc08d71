//! Methods, and refusals that come before them.

use std::time::Duration;

use dig_service::dashboard::{
    DashboardIpcService, DashboardView, IpcMethod, IpcRequest, IpcResult,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::wire::{Wire, shown};
use super::{Live, config, tree};

#[tokio::test]
async fn hello_tells_who_is_there_and_what_it_takes() {
    let live = Live::start().await;
    let mut wire = live.wire().await;

    let hello = wire.result("hello", json!({})).await;

    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["protocol_version"], "dashboard-ipc.v1");
    let registration = &hello["registration"];
    assert_eq!(registration["target_id"], "node-1");
    assert_eq!(registration["display_name"], "node-1");
    assert_eq!(registration["lease_seconds"], 0);
    assert_eq!(registration["ipc_path"], live.path().display().to_string());
    let commands = registration["supported_commands"].as_array().unwrap();
    assert_eq!(commands.len(), 9);
    let pause = json!({ "name": "pause_child", "idempotent": true, "timeout_seconds": 30 });
    assert!(commands.contains(&pause), "{commands:?}");
    live.stop().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "the protocol has many fields")]
async fn state_has_the_fields_and_the_words_of_the_protocol() {
    let live = Live::start().await;
    let state = live.wire().await.state().await;

    assert_eq!(state["target"]["registration_state"], "active");
    assert_eq!(state["target"]["connection_state"], "connected");
    let topology = &state["topology"];
    assert_eq!(topology["root"], "/");
    let expected = [
        "/feed",
        "/index",
        "/twin",
        "/group",
        "/group/twin",
        "/group/inner",
    ];
    assert_eq!(topology["declaration_order"], json!(expected));
    let root = &topology["nodes"][0];
    assert_eq!(
        (&root["kind"], &root["child_id"]),
        (&json!("root_supervisor"), &Value::Null)
    );
    let feed = json!({
        "node_id": "/feed", "child_id": "feed", "path": "/feed", "name": "feed",
        "kind": "child_task", "tags": ["market"], "criticality": "standard",
        "state_summary": "running", "diagnostics": [],
    });
    assert_eq!(topology["nodes"][1], feed);
    assert_eq!(topology["nodes"][4]["kind"], "node");
    let edges = topology["edges"].as_array().unwrap();
    let edge = |id: &str| {
        edges
            .iter()
            .find(|edge| edge["edge_id"] == id)
            .cloned()
            .unwrap()
    };
    let parent = edge("parent:/group->/group/inner");
    assert_eq!(
        (&parent["kind"], &parent["order"]),
        (&json!("parent_child"), &json!(1))
    );
    let needs = edge("dependency:/index->/feed");
    assert_eq!(needs["source_path"], "/index");
    assert_eq!(
        (&needs["kind"], &needs["target_path"]),
        (&json!("dependency"), &json!("/feed"))
    );

    let runtime = json!({
        "child_path": "/feed", "lifecycle_state": "running", "health": "healthy",
        "readiness": "unreported", "generation": 1, "child_start_count": 1, "restart_count": 0,
        "last_failure": null, "last_policy_decision": null, "shutdown_state": "idle",
    });
    assert_eq!(state["runtime_state"][0], runtime);
    let mut record = state["child_runtime_records"][0].clone();
    let limit = record["restart_limit"].take();
    assert_eq!(limit["window_millis"], 60_000);
    assert_eq!(
        (&limit["limit"], &limit["remaining"]),
        (&json!(5), &json!(5))
    );
    assert!(
        limit["updated_at_unix_nanos"]
            .as_str()
            .is_some_and(|at| at.parse::<u64>().is_ok())
    );
    let expected = json!({
        "child_id": "feed", "child_path": "/feed", "generation": 1, "attempt": 1,
        "status": "running", "operation": "active", "managed_child_state": "running",
        "liveness": {
            "last_heartbeat_at_unix_nanos": null, "heartbeat_stale": false,
            "readiness": "unreported",
        },
        "restart_limit": null, "stop_state": "idle", "failure": null,
        "generation_fence_phase": "open", "pending_restart": null,
    });
    assert_eq!(record, expected);
    assert_eq!(state["service"]["name"], "node");
    assert_eq!(state["service"]["phase"], "running");
    assert_eq!(state["service"]["pid"], std::process::id());
    let last = state["recent_events"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["sequence"], state["state_generation"]);
    live.stop().await;
}

#[tokio::test]
async fn tasks_and_why_tell_of_a_service_that_runs() {
    let live = Live::start().await;
    let mut wire = live.wire().await;

    let tasks = wire.result("tasks", json!({})).await;
    let rows = tasks["tasks"].as_array().unwrap();
    let run = rows.iter().find(|row| row["name"] == "run").unwrap();
    assert_eq!(run["kind"], "background_loop");
    assert!(rows.iter().any(|row| row["name"] == "dashboard.connection"));
    assert!(
        tasks["counts"]["spawned"].as_u64().unwrap() >= tasks["counts"]["live"].as_u64().unwrap()
    );
    let why = wire.result("why", json!({})).await;
    assert_eq!(why["why"], "running; nobody has asked it to stop");
    assert_eq!(
        (&why["phase"], &why["left_millis"]),
        (&json!("running"), &Value::Null)
    );
    live.stop().await;
}

#[tokio::test]
async fn lines_that_are_no_requests_are_answered_and_the_connection_stays() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let rows: [(&[u8], &str, &str); 9] = [
        (b"nonsense", "invalid-request", "invalid_json"),
        (b"", "invalid-request", "invalid_json"),
        (b"[1]", "invalid-request", "invalid_json"),
        (b"{\"method\":\"hello\"}", "invalid-request", "invalid_json"),
        (
            b"{\"request_id\":7,\"method\":\"hello\"}",
            "invalid-request",
            "invalid_json",
        ),
        (b"{\"request_id\":\"a\"}", "a", "invalid_json"),
        (
            b"{\"request_id\":\"b\",\"method\":\"nope\"}",
            "b",
            "unsupported_method",
        ),
        (
            b"{\"request_id\":\"c\",\"method\":\"command.fly\"}",
            "c",
            "unsupported_method",
        ),
        (b"\xff\xfe", "invalid-request", "invalid_json"),
    ];
    for (line, id, code) in rows {
        wire.send([line, b"\n"].concat()).await;
        let answer = wire.next().await;
        assert_eq!(answer["request_id"], id, "{answer}");
        assert_eq!(shown(&answer["error"]), format!("{code} @ protocol_parse"));
        assert_eq!(answer["error"]["target_id"], "node-1");
        assert_eq!(answer["error"]["retryable"], false);
    }
    let params = json!({ "command": "restart_child" });
    let error = wire.error("command.restart_child", params).await;
    assert_eq!(shown(&error), "invalid_command_params @ protocol_parse");
    assert!(
        error["message"].as_str().unwrap().contains("command_id"),
        "{error}"
    );
    assert_eq!(wire.result("hello", json!(null)).await["type"], "hello");
    live.stop().await;
}

#[tokio::test]
async fn line_at_the_limit_is_answered_and_one_beyond_is_refused_and_skipped() {
    let live = Live::with(tree(), |mut config| {
        config.max_request_bytes = 100;
        config
    })
    .await;
    let mut wire = live.wire().await;
    let padded = |length: usize| {
        let bare = r#"{"request_id":"r","method":"hello"}"#;
        format!("{bare}{}", " ".repeat(length - bare.len()))
    };

    assert_eq!(wire.ask(padded(100)).await["ok"], true);
    let refused = wire.ask(padded(101)).await;
    assert_eq!(refused["request_id"], "invalid-request");
    assert_eq!(shown(&refused["error"]), "request_too_large @ size_limit");
    // Sent in pieces: told once, and its rest is not taken for a line of its own.
    wire.send("x".repeat(5000)).await;
    assert_eq!(
        shown(&wire.next().await["error"]),
        "request_too_large @ size_limit"
    );
    wire.send(format!("{}\n", "y".repeat(5000))).await;
    assert_eq!(wire.ask(padded(50)).await["ok"], true);
    live.stop().await;
}

#[tokio::test]
async fn rate_is_limited_per_connection_and_bad_lines_count() {
    let live = Live::with(tree(), |mut config| {
        config.requests_per_second = 1;
        config.request_burst = 4;
        config
    })
    .await;
    let mut wire = live.wire().await;
    let mut other = live.wire().await;

    for _ in 0..3 {
        assert_eq!(wire.ask("nonsense").await["error"]["code"], "invalid_json");
    }
    assert_eq!(wire.call("hello", json!({})).await["ok"], true);
    let error = wire.error("hello", json!({})).await;
    assert_eq!(shown(&error), "rate_limit_exceeded @ rate_limit");
    assert_eq!(error["retryable"], true);
    let nonsense = wire.ask("nonsense").await;
    assert_eq!(nonsense["request_id"], "invalid-request");
    assert_eq!(nonsense["error"]["code"], "rate_limit_exceeded");
    assert_eq!(other.call("hello", json!({})).await["ok"], true);
    live.stop().await;
}

#[tokio::test]
async fn requests_of_one_connection_are_answered_in_order() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let lines: String = (0..15)
        .map(|id| {
            let method = ["hello", "state", "tasks", "why"][id % 4];
            format!(
                "{}\n",
                json!({ "request_id": id.to_string(), "method": method })
            )
        })
        .collect();

    wire.send(lines).await;

    for id in 0..15 {
        assert_eq!(wire.next().await["request_id"], id.to_string());
    }
    live.stop().await;
}

#[tokio::test]
async fn silent_connection_is_closed_unless_it_is_subscribed() {
    let live = Live::with(tree(), |mut config| {
        config.idle_timeout_seconds = 1;
        config
    })
    .await;
    let mut subscribed = live.wire().await;
    subscribed
        .result("logs.tail", json!({ "session_established": true }))
        .await;
    let mut events = live.wire().await;
    events
        .result("events.subscribe", json!({ "session_established": true }))
        .await;
    let mut silent = live.wire().await;
    let began = Instant::now();

    assert_eq!(silent.line().await, None);

    assert!(began.elapsed() >= Duration::from_millis(900));
    assert_eq!(subscribed.call("hello", json!({})).await["ok"], true);
    assert_eq!(events.call("hello", json!({})).await["ok"], true);
    live.stop().await;
}

#[tokio::test]
async fn connection_beyond_the_limit_is_told_so() {
    let live = Live::with(tree(), |mut config| {
        config.max_connections = 2;
        config
    })
    .await;
    let (mut first, mut second) = (live.wire().await, live.wire().await);
    assert_eq!(first.call("hello", json!({})).await["ok"], true);
    assert_eq!(second.call("hello", json!({})).await["ok"], true);

    let mut third = live.wire().await;
    let refused = third.next().await;
    assert_eq!(refused["request_id"], "invalid-request");
    assert_eq!(shown(&refused["error"]), "too_many_connections @ accept");
    assert_eq!(refused["error"]["retryable"], true);
    assert_eq!(third.line().await, None);

    drop(second);
    let again = async {
        loop {
            let mut wire = Wire::connect(&live.path()).await;
            wire.send("{\"request_id\":\"a\",\"method\":\"hello\"}\n")
                .await;
            if wire.next().await["ok"] == true {
                return;
            }
        }
    };
    again.await;
    live.stop().await;
}

#[tokio::test]
async fn service_without_a_handle_can_be_looked_at_and_not_told_anything() {
    let live = Live::start().await;
    let config = config(&live.folder).validate().unwrap();
    let bare = DashboardIpcService::new(config, DashboardView::new(&live.handle));

    let state = bare.current_dashboard_state();
    assert_eq!(state.runtime_state.len(), 6);
    let audit = dig_service::supervisor::Audit::new("test", "a test").unwrap();
    live.handle.supervisor().pause("feed", audit).await.unwrap();
    let later = bare.current_dashboard_state();
    assert!(
        later.state_generation > state.state_generation,
        "a copy was kept"
    );

    let kind = dig_service::dashboard::ControlCommandKind::RestartChild;
    let command = super::wire::command(kind).child("/feed");
    let params = serde_json::to_value(&command).unwrap();
    let request = IpcRequest::new("r", IpcMethod::Command(kind), Some(params));
    let response = bare.handle_request(request).await;
    let Some(IpcResult::CommandResult { result, .. }) = response.result else {
        panic!("{response:?}");
    };
    assert!(!result.accepted);
    let error = serde_json::to_value(result.error).unwrap();
    assert_eq!(shown(&error), "target_unavailable @ command_dispatch");
    assert_eq!(error["retryable"], true);
    live.stop().await;
}
