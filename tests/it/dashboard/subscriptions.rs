//! Events and logs, as they come.

use dig_service::dashboard::{ControlCommandKind as Kind, DashboardClient, LogTap, Pushed};
use dig_service::supervisor::Supervisor;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use super::wire::{command, shown};
use super::{Live, flapping, tree};

fn session() -> Value {
    json!({ "session_established": true })
}

#[tokio::test]
async fn subscription_needs_a_session() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    for method in ["events.subscribe", "logs.tail"] {
        for params in [
            json!({}),
            json!({ "session_established": false }),
            Value::Null,
        ] {
            let error = wire.error(method, params).await;
            assert_eq!(shown(&error), "session_required @ subscription");
            let message =
                "event and log subscription must be triggered by an established dashboard session";
            assert_eq!(error["message"], message);
        }
        let error = wire
            .error(method, json!({ "session_established": 1 }))
            .await;
        assert_eq!(shown(&error), "invalid_command_params @ protocol_parse");
    }
    live.stop().await;
}

#[tokio::test]
async fn events_are_pushed_as_they_come_and_replayed_without_gap_or_repetition() {
    let live = Live::start().await;
    let (mut now, mut past) = (live.wire().await, live.wire().await);
    let answer = now.result("events.subscribe", session()).await;
    let expected =
        json!({ "type": "subscription", "target_id": "node-1", "subscription": "events" });
    assert_eq!(answer, expected);
    let mut other = live.wire().await;
    let last = other.state().await["state_generation"].as_u64().unwrap();

    other
        .command(&command(Kind::RestartChild).child("/feed"))
        .await;

    let first = now.next().await;
    assert_eq!(
        (&first["type"], &first["target_id"]),
        (&json!("event"), &json!("node-1"))
    );
    assert_eq!(first["event"]["sequence"], last + 1);
    assert_eq!(first["event"]["event_type"], "ChildCommand");
    assert_eq!(first["event"]["target_path"], "/feed");
    assert_eq!(first["event"]["child_id"], "feed");
    let mut params = session();
    params["after_sequence"] = 0.into();
    past.result("events.subscribe", params).await;
    for sequence in 1..=last + 2 {
        assert_eq!(past.next().await["event"]["sequence"], sequence);
    }
    // Requests go on beside the pushes.
    let response = past.call_beside("hello").await;
    assert_eq!(response["ok"], true);
    live.stop().await;
}

impl super::wire::Wire {
    /// Calls a method on a connection that something is pushed through.
    async fn call_beside(&mut self, method: &str) -> Value {
        self.send(format!(
            "{}\n",
            json!({ "request_id": "beside", "method": method })
        ))
        .await;
        loop {
            let line = self.next().await;
            if line["request_id"] == "beside" {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn what_is_forgotten_is_told_with_its_number() {
    let live = Live::with(Supervisor::new().child(flapping("flap")), |config| config).await;
    let mut wire = live.wire().await;
    while wire.state().await["state_generation"].as_u64().unwrap() < 1500 {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    let mut params = session();
    params["after_sequence"] = 10.into();
    wire.result("events.subscribe", params).await;

    let lagged = wire.next().await;
    assert_eq!(
        (&lagged["type"], &lagged["subscription"]),
        (&json!("lagged"), &json!("events"))
    );
    let dropped = lagged["dropped"].as_u64().unwrap();
    assert!(dropped > 400);
    // The stream goes on where the gap ends.
    assert_eq!(wire.next().await["event"]["sequence"], 10 + dropped + 1);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_subscriber_loses_events_and_is_told_how_many() {
    let live = Live::with(Supervisor::new().child(flapping("flap")), |config| config).await;
    let mut slow = live.wire().await;
    slow.result("events.subscribe", session()).await;
    let mut other = live.wire().await;
    // Not a line is read until far more has happened than the socket and the queue hold.
    while other.state().await["state_generation"].as_u64().unwrap() < 4000 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    let (mut last, mut lost) = (0, 0);
    loop {
        let line = slow.next().await;
        match line["type"].as_str() {
            Some("lagged") => lost += line["dropped"].as_u64().unwrap(),
            _ => {
                let sequence = line["event"]["sequence"].as_u64().unwrap();
                if last > 0 {
                    // What is neither told nor told as lost does not exist.
                    assert_eq!(sequence, last + lost + 1);
                }
                if lost > 0 {
                    break;
                }
                last = sequence;
            }
        }
    }
    // More may have been lost meanwhile; line by line it comes to what is counted.
    let state = other.state().await;
    let dropped = state["dropped_event_count"].as_u64().unwrap();
    while lost < dropped {
        let line = slow.next().await;
        lost += line["dropped"].as_u64().unwrap_or(0);
    }
    assert_eq!(lost, dropped);
    live.stop().await;
}

#[tokio::test]
async fn logs_are_part_of_the_state_and_tailed() {
    let tap = LogTap::new();
    let live = Live::with_logs(tree(), |config| config, tap.clone()).await;
    let mut wire = live.wire().await;
    let say = |text: &str| {
        tracing::dispatcher::with_default(&subscriber_of(&tap), || {
            tracing::warn!(height = 7, "{text}");
        });
    };
    say("before");
    let state = wire.state().await;
    assert_eq!(state["recent_logs"][0]["message"], "before");
    assert_eq!(state["recent_logs"][0]["sequence"], 1);

    wire.result("logs.tail", session()).await;
    say("after");

    let line = wire.next().await;
    assert_eq!(
        (&line["type"], &line["target_id"]),
        (&json!("log"), &json!("node-1"))
    );
    let log = &line["log"];
    assert_eq!(
        (&log["message"], &log["severity"]),
        (&json!("after"), &json!("warning"))
    );
    assert_eq!(
        (&log["fields"]["height"], &log["correlation_id"]),
        (&json!(7), &Value::Null)
    );
    assert!(log["occurred_at_unix_nanos"].is_string());
    live.stop().await;
}

fn subscriber_of(tap: &LogTap) -> tracing::Dispatch {
    tracing::Dispatch::new(tracing_subscriber::registry().with(tap.layer()))
}

#[tokio::test]
async fn last_events_are_told_before_the_socket_closes() {
    let live = Live::start().await;
    let path = live.path();
    let client = DashboardClient::connect(&path).await.unwrap();
    let mut events = client.events(None).await.unwrap();

    live.stop().await;

    let mut last = None;
    while let Some(pushed) = events.next().await.unwrap() {
        last = Some(pushed);
    }
    let Some(Pushed::Event(last)) = last else {
        panic!("{last:?}");
    };
    assert_eq!(
        (last.event_type.as_str(), &last.payload["code"]),
        ("Ended", &json!(0))
    );
}

#[tokio::test]
async fn number_of_another_life_is_refused() {
    let live = Live::start().await;
    let mut wire = live.wire().await;
    let last = wire.state().await["state_generation"].as_u64().unwrap();
    let params = |after: u64| json!({ "session_established": true, "after_sequence": after });

    let error = wire.error("events.subscribe", params(last + 1)).await;
    assert_eq!(shown(&error), "invalid_command_params @ protocol_parse");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("is beyond the last event, {last}")),
        "{message}"
    );
    assert_eq!(
        wire.result("events.subscribe", params(last)).await["type"],
        "subscription"
    );
    live.stop().await;
}

/// A slow reader sees whole lines only, also those of the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_cuts_no_line_in_two() {
    for _ in 0..10 {
        let live = Live::with(Supervisor::new().child(flapping("flap")), |config| config).await;
        let mut slow = live.wire().await;
        let mut params = session();
        params["after_sequence"] = 0.into();
        slow.result("events.subscribe", params).await;
        // More than the socket holds.
        let states = "{\"request_id\":\"r\",\"method\":\"state\"}\n".repeat(15);
        slow.send(states).await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        live.handle
            .request_shutdown(dig_service::ShutdownReason::UserRequested);

        // Each line is read as JSON, or the test fails.
        while slow.line().await.is_some() {}
        assert!(live.ended.await.unwrap().is_ok());
    }
}
