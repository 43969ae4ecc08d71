//! State, and the events after it: every change once.

use std::collections::BTreeMap;
use std::time::Duration;

use dig_service::dashboard::{ControlCommandKind as Kind, EventRecord};
use dig_service::supervisor::Supervisor;
use serde_json::{Value, json};

use super::wire::command;
use super::{Live, calm, flapping, spawn};

/// What a dashboard would show, kept up to date by events alone.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    phase: String,
    /// By path: phase, generation, attempt.
    children: BTreeMap<String, (String, u64, u64)>,
    sequence: u64,
}

impl Shown {
    fn of(state: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let records = state["child_runtime_records"]
            .as_array()
            .into_iter()
            .flatten();
        let states = state["runtime_state"].as_array().into_iter().flatten();
        let children = records.zip(states).map(|(record, runtime)| {
            let number = |key: &str| record[key].as_u64().unwrap_or_default();
            let phase = text(&runtime["lifecycle_state"]);
            (
                text(&record["child_path"]),
                (phase, number("generation"), number("attempt")),
            )
        });
        Self {
            phase: text(&state["service"]["phase"]),
            children: children.collect(),
            sequence: state["state_generation"].as_u64().unwrap_or_default(),
        }
    }

    fn apply(&mut self, event: &EventRecord) {
        assert_eq!(event.sequence, self.sequence + 1, "a gap, or a repetition");
        self.sequence = event.sequence;
        let payload = &event.payload;
        let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| payload.get(key).and_then(Value::as_u64).unwrap_or_default();
        let path = event.target_path.to_string();
        match event.event_type.as_str() {
            "PhaseEntered" => self.phase = text("phase").to_owned(),
            "ChildCommand" => {}
            "ChildRemoved" => assert!(
                self.children.remove(&path).is_some(),
                "{path} removed twice"
            ),
            kind if kind.starts_with("Child") && path != "/" => {
                let stands = (
                    text("phase").to_owned(),
                    number("generation"),
                    number("attempt"),
                );
                let before = self.children.insert(path.clone(), stands);
                assert_eq!(kind == "ChildAdded", before.is_none(), "{kind} for {path}");
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_d1_state_and_the_events_after_it_show_every_change_once() {
    let children = Supervisor::new()
        .factory("calm", |cx, _| async move {
            cx.shutdown.cancelled().await;
            Ok(())
        })
        .child(flapping("flap-a"))
        .child(flapping("flap-b"))
        .child(calm("calm"));
    let live = Live::with(children, |mut config| {
        config.requests_per_second = 100_000;
        config.request_burst = 100_000;
        config
    })
    .await;
    // Children come and go all the while.
    let mut busy = live.wire().await;
    let changing = spawn(async move {
        for number in 0..60 {
            let manifest = json!({ "name": format!("late-{number}"), "factory_key": "calm" });
            busy.command(&command(Kind::AddChild).manifest(manifest.to_string()))
                .await;
            let path = format!("/late-{number}");
            busy.command(&command(Kind::RestartChild).child(&path))
                .await;
            busy.command(&command(Kind::RemoveChild).child(&path)).await;
        }
    });

    let (mut asking, mut compared) = (live.wire().await, 0);
    while !changing.is_finished() || compared < 20 {
        let first = Shown::of(&asking.state().await);
        let mut events = live.wire().await;
        let params = json!({ "session_established": true, "after_sequence": first.sequence });
        events.result("events.subscribe", params).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        let last = Shown::of(&asking.state().await);
        let mut shown = first;
        while shown.sequence < last.sequence {
            let line = events.next().await;
            let event = serde_json::from_value(line["event"].clone()).unwrap();
            shown.apply(&event);
        }
        assert_eq!(shown, last);
        compared += 1;
    }

    changing.await.unwrap();
    live.stop().await;
}
