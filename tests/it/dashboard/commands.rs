//! Commands: what they do, and what they are refused for.

use dig_service::dashboard::{AuditFailure, ControlCommandKind as Kind, ControlCommandRequest};
use dig_service::supervisor::ChildPhase;
use serde_json::{Value, json};

use super::wire::{command, request, shown};
use super::{Folder, Live, tree};

fn outcome(result: &Value) -> (String, String, String) {
    let outcome = &result["state_delta"]["outcome"];
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    (
        text(&outcome["after"]["operation"]),
        text(&outcome["after"]["managed_child_state"]),
        text(&outcome["decision"]),
    )
}

fn three(a: &str, b: &str, c: &str) -> (String, String, String) {
    (a.to_owned(), b.to_owned(), c.to_owned())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn child_goes_through_all_its_commands() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let rests = |phase| {
        live.handle
            .supervisor()
            .clone()
            .wait_for_owned("/feed", phase)
    };

    let result = wire
        .command(&command(Kind::RestartChild).child("feed"))
        .await;
    assert_eq!(
        (&result["accepted"], &result["status"]),
        (&json!(true), &json!("completed"))
    );
    assert_eq!(result["state_delta"]["type"], "child_control");
    assert_eq!(
        outcome(&result),
        three("active", "running", "queued_after_stop")
    );
    let running = live.handle.supervisor();
    let status = running
        .wait_for("/feed", ChildPhase::Running)
        .await
        .unwrap();
    assert_eq!(status.generation, 2);

    let result = wire
        .command(&command(Kind::PauseChild).child("/feed"))
        .await;
    assert_eq!(
        result["state_delta"]["outcome"]["before"]["lifecycle_state"],
        "running"
    );
    rests(ChildPhase::Paused).await;
    let again = wire
        .command(&command(Kind::PauseChild).child("/feed"))
        .await;
    assert_eq!(
        outcome(&again),
        three("paused", "paused", "already_pending")
    );
    assert_eq!(again["state_delta"]["outcome"]["idempotent"], true);

    wire.command(&command(Kind::ResumeChild).child("/feed"))
        .await;
    rests(ChildPhase::Running).await;
    wire.command(&command(Kind::QuarantineChild).child("/feed"))
        .await;
    rests(ChildPhase::Quarantined).await;
    let state = wire.state().await;
    let record = &state["child_runtime_records"][0];
    assert_eq!(
        (&record["operation"], &record["status"]),
        (&json!("quarantined"), &json!("stopped"))
    );
    assert_eq!(record["generation_fence_phase"], "closed");

    let result = wire
        .command(&command(Kind::RemoveChild).child("/feed"))
        .await;
    assert_eq!(result["accepted"], false, "index depends on it");
    assert_eq!(
        outcome(&result),
        three("quarantined", "quarantined", "rejected")
    );
    let result = wire
        .command(&command(Kind::RemoveChild).child("/index"))
        .await;
    assert_eq!(outcome(&result).0, "removed");
    while live.handle.supervisor().child("/index").is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(
        wire.state().await["topology"]["declaration_order"]
            .as_array()
            .unwrap()
            .len()
            == 5
    );
    live.stop().await;
}

trait Owned {
    async fn wait_for_owned(self, child: &'static str, phase: ChildPhase);
}

impl Owned for dig_service::supervisor::SupervisorHandle {
    async fn wait_for_owned(self, child: &'static str, phase: ChildPhase) {
        if let Err(error) = self.wait_for(child, phase).await {
            panic!("{error}");
        }
    }
}

#[tokio::test]
async fn child_is_found_by_its_last_segment_or_by_its_whole_path_if_that_is_ambiguous() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let mut path = async |given: &str| {
        let result = wire
            .command(&command(Kind::RestartChild).child(given))
            .await;
        match &result["state_delta"]["outcome"]["child_path"] {
            Value::String(path) => path.clone(),
            _ => result["error"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    };

    assert_eq!(path("inner").await, "/group/inner");
    assert_eq!(path("/anywhere/inner/").await, "/group/inner");
    assert_eq!(path("/twin").await, "/twin");
    assert_eq!(path("/group/twin").await, "/group/twin");
    assert_eq!(path("group/twin").await, "/group/twin");
    assert_eq!(path("/nobody").await, "there is no child `nobody`");
    assert_eq!(path("/").await, "child_path is required for child command");
    let result = wire.command(&command(Kind::PauseChild)).await;
    assert_eq!(shown(&result["error"]), "command_failed @ command_dispatch");
    assert_eq!(
        result["error"]["message"],
        "child_path is required for child command"
    );
    live.stop().await;
}

#[tokio::test]
async fn children_are_added_by_manifests_in_json_and_yaml() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let manifests = [
        (
            "/a",
            r#"{ "name": "a", "factory_key": "calm", "tags": ["late"] }"#.to_owned(),
        ),
        (
            "/group/b",
            "name: b\nfactory_key: calm\ngroup: /group\nrestart: always\n".to_owned(),
        ),
        ("/c", "{ name: c, factory_key: calm }".to_owned()),
    ];
    for (path, manifest) in manifests {
        let result = wire
            .command(&command(Kind::AddChild).manifest(&manifest))
            .await;
        assert_eq!(result["state_delta"]["type"], "child_added", "{result}");
        assert_eq!(result["state_delta"]["child_manifest"], manifest);
        assert_eq!(result["state_delta"]["outcome"]["child_path"], path);
        assert!(live.handle.supervisor().child(path).is_ok());
    }
    let wrong = [
        ("{", "child_manifest: "),
        ("[]", "child_manifest: "),
        (
            r#"{ "name": "a", "factory_key": "calm" }"#,
            "two children are called `a`",
        ),
        (
            r#"{ "name": "d", "factory_key": "none" }"#,
            "there is no factory `none`; known are: `calm`",
        ),
        (
            r#"{ "name": "d" }"#,
            "child_manifest: missing field `factory_key`",
        ),
        (
            r#"{ "name": "d", "factory_key": "calm", "x": 1 }"#,
            "child_manifest: unknown field `x`",
        ),
    ];
    for (manifest, begins) in wrong {
        let result = wire
            .command(&command(Kind::AddChild).manifest(manifest))
            .await;
        assert_eq!(
            (&result["accepted"], &result["status"]),
            (&json!(false), &json!("failed"))
        );
        let message = result["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(begins), "{manifest}: {message}");
        assert_eq!(result["error"]["target_id"], "node-1");
    }
    live.stop().await;
}

#[tokio::test]
async fn commands_that_are_not_in_order_are_refused_before_anything_is_done() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let before = wire.state().await["state_generation"].clone();
    let sound = || command(Kind::RestartChild).child("/feed");
    let mut refused = async |method: &str, command: &ControlCommandRequest| {
        let (_, params) = request(command);
        let error = wire.error(method, params).await;
        assert_eq!(shown(&error), "validation_failed @ command_validate");
        error["message"].as_str().unwrap_or_default().to_owned()
    };

    let restart = "command.restart_child";
    let mut other = sound();
    other.target_id = "node-2".to_owned();
    assert_eq!(
        refused(restart, &other).await,
        "command target_id must match target process"
    );
    assert_eq!(
        refused("command.pause_child", &sound()).await,
        "method `command.pause_child` carries command `restart_child`"
    );
    let mut blank = sound();
    blank.reason = " ".to_owned();
    assert_eq!(
        refused(restart, &blank).await,
        "command reason must not be empty"
    );
    for kind in [
        Kind::RemoveChild,
        Kind::AddChild,
        Kind::ShutdownTree,
        Kind::RequestShutdown,
    ] {
        let mut bare = command(kind).child("/feed").manifest("{}");
        bare.confirmed = false;
        let method = format!("command.{kind}");
        assert_eq!(
            refused(&method, &bare).await,
            "dangerous command requires confirmation"
        );
    }
    assert_eq!(wire.state().await["state_generation"], before);
    live.stop().await;
}

#[tokio::test]
async fn inv_d2_command_id_is_carried_out_once_and_answered_again() {
    let live = Live::start().await;
    let (mut wire, mut other) = (live.wire().await, live.wire().await);
    let restart = command(Kind::RestartChild).child("/feed");

    let first = wire.command(&restart).await;
    live.handle
        .supervisor()
        .wait_for("/feed", ChildPhase::Running)
        .await
        .unwrap();
    let generation = live.handle.supervisor().child("/feed").unwrap().generation;
    let again = other.command(&restart).await;

    assert_eq!(first, again);
    assert_eq!(
        live.handle.supervisor().child("/feed").unwrap().generation,
        generation
    );
    let mut changed = restart.clone();
    changed.reason = "something else".to_owned();
    let (method, params) = request(&changed);
    let error = wire.error(&method, params).await;
    assert_eq!(shown(&error), "validation_failed @ command_validate");
    live.stop().await;
}

#[tokio::test]
async fn inv_d2_audit_comes_before_what_it_causes_and_both_carry_the_id() {
    let folder = Folder::new();
    std::fs::create_dir(&folder.0).unwrap();
    let file = folder.0.join("audit.jsonl");
    let live = Live::with(tree(), |mut config| {
        config.audit_file = Some(file.clone());
        config
    })
    .await;
    let mut wire = live.wire().await;
    let restart = command(Kind::RestartChild).child("/feed");
    let after = wire.state().await["state_generation"].clone();

    wire.command(&restart).await;
    live.handle
        .supervisor()
        .wait_for("/feed", ChildPhase::Running)
        .await
        .unwrap();

    let line: Value = serde_json::from_str(std::fs::read_to_string(&file).unwrap().trim()).unwrap();
    assert_eq!(line["command_id"], restart.command_id);
    assert_eq!(
        (&line["command"], &line["reason"]),
        (&json!("restart_child"), &json!("a test"))
    );
    assert_eq!(line["pid"], std::process::id());
    assert!(line["uid"].is_u64());
    let params = json!({ "session_established": true, "after_sequence": after });
    wire.result("events.subscribe", params).await;
    let first = wire.next().await["event"].take();
    assert_eq!(first["event_type"], "ChildCommand");
    assert_eq!(first["payload"]["requested_by"], "alice");
    let origin = first["payload"]["origin"].as_str().unwrap();
    assert!(
        origin.contains(&format!("pid {}", std::process::id())),
        "{origin}"
    );
    assert_eq!(first["correlation_id"], restart.command_id);
    let mut types = Vec::new();
    loop {
        let event = wire.next().await["event"].take();
        assert_eq!(event["correlation_id"], restart.command_id, "{event}");
        types.push(event["event_type"].as_str().unwrap().to_owned());
        if event["payload"]["phase"] == "running" {
            break;
        }
    }
    assert_eq!(types, ["ChildStopping", "ChildQueued", "ChildRestarted"]);
    live.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_audited_is_done_only_if_that_was_chosen() {
    for (policy, is_done) in [
        (AuditFailure::FailClosed, false),
        (AuditFailure::FailOpen, true),
    ] {
        let live = Live::with(tree(), |mut config| {
            // Every write fails, as on a full disk.
            config.audit_file = Some("/dev/full".into());
            config.audit_failure = policy;
            config
        })
        .await;
        let mut wire = live.wire().await;
        let pause = command(Kind::PauseChild).child("/feed");
        let (method, params) = request(&pause);

        let response = wire.call(&method, params.clone()).await;

        assert_eq!(response["ok"], is_done);
        if !is_done {
            assert_eq!(shown(&response["error"]), "audit_write_failed @ audit");
            // Nothing was done, so the id is free.
            let again = wire.call(&method, params).await;
            assert_eq!(shown(&again["error"]), "audit_write_failed @ audit");
        }
        let phase = live.handle.supervisor().child("/feed").unwrap().phase;
        assert_eq!(phase != ChildPhase::Running, is_done);
        live.stop().await;
    }
}
