//! `fullnode follow`.

use super::node::{Node, fullnode, run};
use crate::child::Process;
use crate::support::TempDir;

#[test]
fn arrivals_are_printed_from_the_place_on_that_was_asked_for() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    let (first, second) = (node.put("first"), node.put("second"));

    let mut follower = Process::start(fullnode(&["follow", "--rpc", &node.rpc, "--after", "1"]));
    let line = follower.wait_for_line_with(&second);
    assert_eq!(line, format!("{second}  2"));
    let third = node.put("third");
    assert_eq!(follower.wait_for_line_with(&third), format!("{third}  3"));

    assert_eq!(node.stop().code, Some(0));
    let exit = follower.finish();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert!(
        !exit.stdout.iter().any(|line| line.contains(&first)),
        "{exit:?}"
    );
}

#[test]
fn follower_that_is_killed_leaves_the_node_alone() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    let first = node.put("first");

    let mut follower = Process::start(fullnode(&["follow", "--rpc", &node.rpc, "--after", "0"]));
    follower.wait_for_line_with(&first);
    follower.signal("KILL");
    follower.finish();

    assert_eq!(node.text(&first).as_deref(), Some("first"));
    assert_eq!(node.stop().code, Some(0));
}

#[test]
fn without_a_node_to_follow_it_says_so() {
    let exit = run(&["follow", "--rpc", "127.0.0.1:1"]);

    assert_eq!(exit.code, Some(1));
    let expected = "no node answers at ws://127.0.0.1:1";
    assert!(exit.stderr.contains(expected), "{}", exit.stderr);
}
