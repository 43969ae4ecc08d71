//! What operators do.

use serde_json::json;

use super::*;

fn manifest(value: serde_json::Value) -> Result<ChildManifest, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[tokio::test(start_paused = true)]
async fn outcomes_tell_before_after_and_decision() {
    let tasks = tasks();
    let handle = start(Supervisor::new().child(patient("a")), &tasks);
    until(&handle, "a", ChildPhase::Running).await;

    let outcome = handle.restart("a", audit()).await.unwrap();
    assert_eq!(&*outcome.path, "/a");
    assert_eq!(outcome.decision, Decision::Queued);
    assert_eq!(outcome.before.phase, ChildPhase::Running);
    assert_eq!(outcome.after.phase, ChildPhase::Stopping);
    let status = until(&handle, "a", ChildPhase::Running).await;
    assert_eq!((status.generation, status.attempt), (2, 1));

    let outcome = handle.pause("a", audit()).await.unwrap();
    assert_eq!(outcome.decision, Decision::Stopping);
    until(&handle, "a", ChildPhase::Paused).await;
    assert!(
        handle
            .pause("a", audit())
            .await
            .unwrap()
            .decision
            .is_idempotent()
    );
    let outcome = handle.resume("a", audit()).await.unwrap();
    assert_eq!(outcome.decision, Decision::Started);
    assert_eq!(outcome.after.generation, 3);

    handle.quarantine("a", audit()).await.unwrap();
    until(&handle, "a", ChildPhase::Quarantined).await;
    let outcome = handle.remove("a", audit()).await.unwrap();
    assert_eq!(outcome.decision, Decision::Done);
    assert!(matches!(
        handle.child("a"),
        Err(CommandError::UnknownChild(_))
    ));
    let unknown = handle.restart("a", audit()).await;
    assert_eq!(unknown, Err(CommandError::UnknownChild("a".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn removed_name_can_be_added_again_and_a_taken_one_cannot() {
    let tasks = tasks();
    let handle = start(Supervisor::new().child(patient("a")), &tasks);

    let taken = handle.add(patient("a"), audit()).await;
    assert_eq!(taken, Err(InvalidTree::Duplicate("a".to_owned()).into()));
    handle.remove("a", audit()).await.unwrap();
    let gone = handle.wait_for("a", ChildPhase::Paused).await;
    assert!(matches!(gone, Err(CommandError::UnknownChild(_))));

    let outcome = handle.add(patient("a"), audit()).await.unwrap();
    assert_eq!(outcome.decision, Decision::Started);
    assert_eq!(outcome.before.generation, 0);
    assert_eq!(outcome.after.generation, 1);
}

#[tokio::test(start_paused = true)]
async fn name_of_a_child_that_is_being_removed_is_free_once_it_has_ended() {
    let tasks = tasks();
    let handle = start(Supervisor::new().child(stubborn("a")), &tasks);
    until(&handle, "a", ChildPhase::Running).await;
    handle.remove("a", audit()).await.unwrap();

    let early = handle.add(patient("a"), audit()).await;
    assert_eq!(early, Err(CommandError::Removing("/a".to_owned())));
    tokio::time::sleep(6 * SECOND).await;

    let added = handle.add(patient("a"), audit()).await.unwrap();
    assert_eq!(added.decision, Decision::Started);
}

#[tokio::test(start_paused = true)]
async fn children_are_added_to_groups_and_to_nothing_else() {
    let tasks = tasks();
    let group = ChildSpec::group("group", Supervisor::new());
    let handle = start(Supervisor::new().child(group).child(patient("a")), &tasks);

    let added = handle
        .add_to("/group", patient("b"), audit())
        .await
        .unwrap();
    assert_eq!(&*added.path, "/group/b");
    let refused = handle.add_to("/a", patient("b"), audit()).await;
    assert_eq!(refused, Err(CommandError::NotASupervisor("/a".to_owned())));
    let needs = patient("c").depends_on("a");
    let refused = handle.add_to("/group", needs, audit()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "child `/group/c` depends on `a`, which is no sibling of it"
    );
    let inner = Supervisor::new().child(patient("deep"));
    let added = handle
        .add_to("/group", ChildSpec::group("inner", inner), audit())
        .await;
    assert_eq!(added.unwrap().decision, Decision::Started);
    until(&handle, "/group/inner/deep", ChildPhase::Running).await;
}

#[tokio::test(start_paused = true)]
async fn manifest_sets_every_rule() {
    let tasks = tasks();
    let factory = |cx: ChildContext, params: serde_json::Value| async move {
        cx.ready();
        anyhow::ensure!(params["fail"] != json!(true), "as told");
        cx.shutdown.cancelled().await;
        Ok(())
    };
    let handle = start(Supervisor::new().factory("feed", factory), &tasks);
    let add = async |value| match manifest(value) {
        Ok(manifest) => handle.add_manifest(manifest, audit()).await,
        Err(error) => panic!("{error}"),
    };

    add(json!({"name": "ok", "factory_key": "feed", "tags": ["x"]}))
        .await
        .unwrap();
    assert_eq!(
        until(&handle, "ok", ChildPhase::Running).await.tags.len(),
        1
    );
    add(json!({
        "name": "bad", "factory_key": "feed", "params": {"fail": true}, "restart": "always",
        "backoff": "none", "intensity": {"max": 2, "within": "1m"}, "on_give_up": "quarantine",
        "stop_budget": "2s", "heartbeat": "30s", "start_deadline": "5s", "depends_on": ["ok"],
    }))
    .await
    .unwrap();
    let status = until(&handle, "bad", ChildPhase::Quarantined).await;
    assert_eq!(status.starts, 3);
    let known = add(json!({"name": "x", "factory_key": "fed"}))
        .await
        .unwrap_err();
    assert_eq!(
        known.to_string(),
        "there is no factory `fed`; known are: `feed`"
    );

    for (bad, what) in [
        (json!({"name": "x"}), "factory_key"),
        (
            json!({"name": "x", "factory_key": "feed", "polcy": 1}),
            "unknown field `polcy`",
        ),
        (
            json!({"name": "x", "factory_key": "feed", "restart": "some"}),
            "unknown variant",
        ),
        (
            json!({"name": "x", "factory_key": "feed", "stop_budget": "5"}),
            "not a duration",
        ),
    ] {
        let error = manifest(bad).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
}

/// `restart`, `backoff`, `group` and `depends_on`, each seen by what it changes; the factory is that
/// of a group.
#[tokio::test(start_paused = true)]
async fn manifest_rules_are_live() {
    let failing = |_: ChildContext, _| async { anyhow::bail!("always") };
    let group =
        Supervisor::new()
            .factory("failing", failing)
            .child(stubborn("never-ready").readiness(Readiness::Explicit {
                deadline: 3600 * SECOND,
            }));
    let tasks = tasks();
    let handle = start(
        Supervisor::new().child(ChildSpec::group("g", group)),
        &tasks,
    );
    let add = async |value| match manifest(value) {
        Ok(manifest) => handle.add_manifest(manifest, audit()).await,
        Err(error) => panic!("{error}"),
    };

    add(json!({"name": "once", "factory_key": "failing", "restart": "never"}))
        .await
        .unwrap();
    assert_eq!(until(&handle, "/once", ChildPhase::Failed).await.starts, 1);

    let began = tokio::time::Instant::now();
    let quick = json!({
        "name": "quick", "factory_key": "failing", "backoff": "none", "on_give_up": "ignore",
    });
    add(quick).await.unwrap();
    assert_eq!(until(&handle, "/quick", ChildPhase::Failed).await.starts, 6);
    assert_eq!(began.elapsed(), Duration::ZERO);

    let waits = json!({
        "name": "waits", "factory_key": "failing", "group": "/g", "depends_on": ["never-ready"],
    });
    let added = add(waits).await.unwrap();
    assert_eq!(
        (&*added.path, added.decision),
        ("/g/waits", Decision::Queued)
    );
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(handle.child("/g/waits").unwrap().starts, 0);
}

/// `start_deadline` makes the child say itself when it is ready; `stop_budget` bounds its stop.
#[tokio::test(start_paused = true)]
async fn manifest_deadlines_are_live() {
    let tasks = tasks();
    let factory = |_: ChildContext, _| std::future::pending();
    let handle = start(Supervisor::new().factory("mute", factory), &tasks);
    let value = json!({
        "name": "a", "factory_key": "mute", "start_deadline": "3s", "stop_budget": "2s",
    });
    handle
        .add_manifest(manifest(value).unwrap(), audit())
        .await
        .unwrap();
    let began = tokio::time::Instant::now();

    let status = until(&handle, "a", ChildPhase::BackingOff).await;

    assert_eq!(status.last_exit, Some(ChildExit::TimedOut));
    assert_eq!(began.elapsed().as_secs(), 5);
    let value = json!({ "name": "b", "factory_key": "mute", "heartbeat": "4s" });
    handle
        .add_manifest(manifest(value).unwrap(), audit())
        .await
        .unwrap();
    let began = tokio::time::Instant::now();
    until(&handle, "b", ChildPhase::Stopping).await;
    assert_eq!(began.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn commands_of_a_service_are_written_down_before_what_they_cause() {
    use crate::event::{EventKind, Journal};
    let journal = Journal::new();
    let mut events = journal.subscribe();
    let tasks = TaskRegistry::with_journal(ShutdownToken::new(), journal.clone());
    let handle = start(Supervisor::new().child(patient("a")), &tasks);
    until(&handle, "a", ChildPhase::Running).await;
    let audit = Audit::new("alice", "peer 7 is stale").unwrap();

    handle.pause("a", audit).await.unwrap();
    until(&handle, "a", ChildPhase::Paused).await;

    let mut story = Vec::new();
    let mut seen = 0;
    while story.last().is_none_or(|last| last != "/a paused") {
        let event = events.next().await.unwrap().unwrap();
        seen += 1;
        assert_eq!(event.sequence, seen);
        story.push(match event.kind {
            EventKind::Child(child) => format!("{} {}", child.path, child.change.label()),
            EventKind::ChildCommand(c) => {
                format!(
                    "{} {} by {}: {}",
                    c.command, c.path, c.requested_by, c.reason
                )
            }
            other => format!("{other:?}"),
        });
    }
    assert_eq!(
        story,
        [
            "/ started",
            "/a started",
            "/ ready",
            "pause /a by alice: peer 7 is stale",
            "/a stopping",
            "/a paused"
        ]
    );
    // INV-V1: the state is that of its last event.
    assert_eq!(handle.state().unwrap().sequence, seen);
}

/// Events after the state's sequence, applied to it, give the state that follows, under load.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_and_the_events_after_it_show_every_change_once() {
    use crate::event::{EventKind, Journal};
    let journal = Journal::new();
    let tasks = TaskRegistry::with_journal(ShutdownToken::new(), journal.clone());
    let mut supervisor = Supervisor::new();
    for name in ["a", "b", "c", "d"] {
        let spec = ChildSpec::factory(name, |_| async { anyhow::bail!("again") });
        let spec = spec
            .backoff(Backoff::none())
            .intensity(Intensity::unlimited());
        supervisor = supervisor.child(spec);
    }
    let handle = start(supervisor, &tasks);
    for _ in 0..50 {
        let before = handle.state().unwrap();
        let mut events = journal.subscribe_after(before.sequence);
        tokio::task::yield_now().await;
        let after = handle.state().unwrap();

        let mut replayed = before.children.clone();
        let mut sequence = before.sequence;
        let mut is_whole = true;
        while sequence < after.sequence {
            match events.next().await {
                Some(Ok(event)) => {
                    assert_eq!(event.sequence, sequence + 1);
                    sequence = event.sequence;
                    let EventKind::Child(event) = event.kind else {
                        continue;
                    };
                    let child = replayed.iter_mut().find(|child| child.path == event.path);
                    if let Some(child) = child {
                        let is_start = matches!(event.change.label(), "started" | "restarted");
                        child.starts += u64::from(is_start);
                        child.failures += u64::from(event.change.label() == "failed");
                        child.phase = event.phase;
                        child.attempt = event.attempt;
                    }
                }
                // Too slow for the ring: this round proves nothing.
                _ => {
                    is_whole = false;
                    break;
                }
            }
        }
        if is_whole {
            let show = |all: &[ChildStatus]| {
                let shown = all
                    .iter()
                    .map(|c| (c.starts, c.failures, c.phase, c.attempt));
                shown.collect::<Vec<_>>()
            };
            assert_eq!(show(&replayed), show(&after.children));
        }
    }
    let report = handle.shutdown_tree(5 * SECOND, audit()).await.unwrap();
    assert_eq!(report.children.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_phase_ends_with_the_supervisor() {
    let tasks = tasks();
    let handle = start(Supervisor::new().child(patient("a")), &tasks);
    let waiting = handle.clone();
    let waiting = tasks.try_spawn("waits", crate::tasks::TaskKind::Maintenance, async move {
        let never = waiting.wait_for("a", ChildPhase::Quarantined).await;
        assert_eq!(never.map(|_| ()), Err(CommandError::Stopping));
        Ok(())
    });
    assert!(waiting.is_ok());
    until(&handle, "a", ChildPhase::Running).await;

    handle.shutdown_tree(SECOND, audit()).await.unwrap();
    tasks.join_all(SECOND).await.unwrap();

    assert_eq!(tasks.counts().panicked, 0);
    let late = handle.wait_for("a", ChildPhase::Running).await;
    assert_eq!(late.map(|_| ()), Err(CommandError::Stopping));
}
