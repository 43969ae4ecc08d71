//! Events and logs, as they come.

use serde_json::Value;

use super::Live;
use crate::child::Process;

fn events(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .expect("a line of JSON each")
}

#[test]
fn events_are_the_latest_or_those_after_a_number() {
    let live = Live::calm();
    let all = events(&live.ask(&["events", "--json", "--since", "0"]).stdout);
    assert_eq!(all[0]["sequence"], 1);
    assert_eq!(all[0]["event_type"], "HookBegan", "{:?}", all[0]);
    assert_eq!(all[1]["event_type"], "TransportBound", "{:?}", all[1]);

    let some = events(&live.ask(&["events", "--json", "--since", "5"]).stdout);
    assert_eq!(some[0]["sequence"], 6);
    let text = live.ask(&["events", "--since", "0"]);
    assert_eq!(text.code, Some(0));
    let first = text.stdout.lines().next().expect("a line");
    assert!(first.trim_start().starts_with("1 "), "{first}");
    let none = live.ask(&["events", "--since", "1000000"]);
    assert_eq!((none.code, &*none.stdout), (Some(0), ""));
}

#[test]
fn events_are_followed_until_the_end() {
    let live = Live::calm();
    let mut follower = Process::start(live.command(&["events", "--follow", "--json"]));
    follower.wait_for_line_with("{\"target_id\":\"supervised\"");

    let said = live
        .ask(&["restart", "/compact", "-r", "a test", "--json"])
        .json();
    let id = said["command_id"].as_str().expect("an id").to_owned();
    live.wait_for("/compact", "running");
    live.process.signal("TERM");
    assert!(live.finish().code.is_some());

    let exit = follower.finish();
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    let all = events(&exit.stdout.join("\n"));
    let caused = all.iter().filter(|event| event["correlation_id"] == *id);
    let types: Vec<_> = caused.map(|event| event["event_type"].clone()).collect();
    assert_eq!(
        types,
        [
            "ChildCommand",
            "ChildStopping",
            "ChildQueued",
            "ChildRestarted"
        ]
    );
    let signal = all
        .iter()
        .find(|event| event["event_type"] == "Signal")
        .expect("a signal");
    assert_eq!(signal["payload"]["name"], "SIGTERM");
    let last = all.last().expect("an event");
    assert_eq!(last["event_type"], "Ended");
    let numbers: Vec<_> = all
        .iter()
        .filter_map(|event| event["sequence"].as_u64())
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "{numbers:?}"
    );
}

#[test]
fn logs_are_told_and_followed() {
    let live = Live::calm();
    let mut follower = Process::start(live.command(&["logs", "--follow"]));
    let running = |line: &str| line.contains(" info    running");
    follower.wait_for("`running`", running);

    live.ask(&["restart", "/compact", "--reason", "seen in the log"]);

    let told = follower.wait_for("the command", |line| line.contains("why=seen in the log"));
    assert!(
        told.contains("command=restart") && told.contains("child=/compact"),
        "{told}"
    );
    let json = live.ask(&["logs", "--json"]);
    let lines = events(&json.stdout);
    assert!(
        lines
            .iter()
            .any(|line| line["fields"]["why"] == "seen in the log")
    );
    follower.kill();
}
