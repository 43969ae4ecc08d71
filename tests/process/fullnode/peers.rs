//! Nodes that share what they have.

use std::time::{Duration, Instant};

use serde_json::json;

use super::node::Node;
use crate::support::{TempDir, eventually, fixed_port};

fn arrives(node: &Node, hash: &str, text: &str) {
    let found = eventually(text, || node.text(hash));
    assert_eq!(found, text);
}

#[test]
fn what_is_put_on_one_node_can_be_got_from_the_other_within_a_second() {
    let dir = TempDir::new();
    let left = Node::start(&dir.join("left"), &[]);
    let right = Node::start(&dir.join("right"), &["--connect", &left.peer]);
    right.wait_for_peers(1);
    left.wait_for_peers(1);

    let times = (0..5).map(|number| {
        let text = format!("number {number}");
        let (from, to) = if number % 2 == 0 {
            (&left, &right)
        } else {
            (&right, &left)
        };
        let hash = from.put(&text);
        let began = Instant::now();
        arrives(to, &hash, &text);
        began.elapsed()
    });

    // The fastest, so that a busy machine does not decide.
    let fastest = times.min().expect("five");
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
    let peers = right.call("node.peers", json!({}));
    assert_eq!(peers[0]["direction"], "outbound");
    let identity = &left.call("node.info", json!({}))["peer_id"];
    assert_eq!(&peers[0]["peer_id"], identity);
}

#[test]
fn who_comes_late_gets_what_was_there_before() {
    let dir = TempDir::new();
    let early = Node::start(&dir.join("early"), &[]);
    for number in 0..300 {
        early.put(&format!("early {number}"));
    }
    let large = "large ".repeat(150_000);
    let hash = early.put(&large);

    let late = Node::start(&dir.join("late"), &["--connect", &early.peer]);

    late.wait_for_blobs(301);
    assert_eq!(late.text(&hash), Some(large));
    let missing = &late.call("node.info", json!({}))["missing"];
    assert_eq!(missing, 0);
}

#[test]
fn a_restarted_peer_is_reconnected() {
    let dir = TempDir::new();
    let address = format!("127.0.0.1:{}", fixed_port());
    let data = dir.join("listener");
    let listener = Node::start_at(&data, &address, &[]);
    let dialer = Node::start(&dir.join("dialer"), &["--connect", &address]);
    dialer.wait_for_peers(1);

    listener.kill();
    dialer.wait_for_peers(0);
    let while_away = dialer.put("while it was away");
    let listener = Node::start_at(&data, &address, &[]);

    dialer.wait_for_peers(1);
    arrives(&listener, &while_away, "while it was away");
    let after = listener.put("after it came back");
    arrives(&dialer, &after, "after it came back");
}

#[test]
fn a_peer_may_be_dialed_before_it_is_there() {
    let dir = TempDir::new();
    let address = format!("127.0.0.1:{}", fixed_port());
    let dialer = Node::start(&dir.join("dialer"), &["--connect", &address]);
    let hash = dialer.put("first");

    let listener = Node::start_at(&dir.join("listener"), &address, &[]);

    arrives(&listener, &hash, "first");
}

#[test]
fn a_ring_of_three_settles() {
    let dir = TempDir::new();
    let addresses: Vec<_> = (0..3)
        .map(|_| format!("127.0.0.1:{}", fixed_port()))
        .collect();
    // Each dials the next, and the last two dial each other.
    let ring = |number: usize| {
        let next = addresses[(number + 1) % 3].as_str();
        let back = addresses[(number + 2) % 3].as_str();
        let mut connect = vec!["--connect", next];
        if number == 2 {
            connect.extend(["--connect", back]);
        }
        Node::start_at(&dir.join(&number.to_string()), &addresses[number], &connect)
    };
    let nodes = [ring(0), ring(1), ring(2)];
    for node in &nodes {
        node.wait_for_peers(2);
    }

    for (number, node) in nodes.iter().enumerate() {
        for blob in 0..50 {
            node.put(&format!("blob {blob} of node {number}"));
        }
    }

    for node in &nodes {
        node.wait_for_blobs(150);
    }
    for node in &nodes {
        assert_eq!(node.peers(), 2);
        assert_eq!(node.violations(), 0);
        let info = node.call("node.info", json!({}));
        assert_eq!(info["missing"], 0);
        assert_eq!(node.blobs(), 150);
    }
}
