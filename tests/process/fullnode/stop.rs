//! How a node stops.

use std::time::{Duration, Instant};

use serde_json::json;

use super::node::Node;
use crate::child::Exit;
use crate::support::TempDir;

/// The fastest of three, so that a busy machine does not decide.
fn fastest(mut stop: impl FnMut() -> (Exit, Duration)) -> Duration {
    let times = (0..3).map(|_| {
        let (exit, took) = stop();
        assert_eq!(exit.code, Some(0), "{}", exit.stderr);
        took
    });
    times.min().expect("three")
}

/// Two nodes that are connected, so that there is something to stop.
fn pair(dir: &TempDir) -> (Node, Node) {
    let left = Node::start(&dir.join("left"), &[]);
    let right = Node::start(&dir.join("right"), &["--connect", &left.peer]);
    right.wait_for_peers(1);
    left.put("something");
    (left, right)
}

#[test]
fn sigterm_ends_with_0_well_under_a_second() {
    let took = fastest(|| {
        let dir = TempDir::new();
        let (_left, right) = pair(&dir);
        let began = Instant::now();
        (right.stop(), began.elapsed())
    });

    assert!(took < Duration::from_millis(800), "{took:?}");
}

#[test]
fn the_rpc_method_stops_with_0() {
    let took = fastest(|| {
        let dir = TempDir::new();
        let (left, _right) = pair(&dir);
        let began = Instant::now();
        let answer = left.call("node.stop", json!({}));
        assert_eq!(answer, json!({ "stopping": true }));
        let exit = left.finish();
        assert!(
            exit.stderr.contains("requested over RPC"),
            "{}",
            exit.stderr
        );
        (exit, began.elapsed())
    });

    assert!(took < Duration::from_millis(800), "{took:?}");
}
