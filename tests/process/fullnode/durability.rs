//! An acknowledged put survives `kill -9`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use serde_json::json;

use super::node::Node;
use crate::support::TempDir;

const ROUNDS: u32 = 20;
const PUTS: u32 = 1000;
const CLIENTS: u32 = 8;

/// What was put, and the hash with which it was acknowledged.
type Acknowledged = Vec<(String, String)>;

#[test]
fn acknowledged_puts_survive_twenty_kills() {
    let dir = TempDir::new();
    let data = dir.join("data");
    let mut all = Acknowledged::new();

    for round in 0..ROUNDS {
        let node = Node::start(&data, &[]);
        read_back(&node, &all[all.len().saturating_sub(PUTS as usize)..]);
        // The kill comes at another place in each round, never after the last put.
        let kill_at = 1 + (round * 379) % (PUTS - 50);
        let acknowledged = put_until_killed(node, round, kill_at);
        assert!(acknowledged.len() >= kill_at as usize);
        all.extend(acknowledged);
    }

    let node = Node::start(&data, &[]);
    read_back(&node, &all);
    assert!(node.blobs() >= all.len() as u64);
}

/// Puts from several clients; kills the node once so many puts are acknowledged.
fn put_until_killed(node: Node, round: u32, kill_at: u32) -> Acknowledged {
    let next = AtomicU32::new(0);
    let (acknowledge, acknowledgements) = mpsc::channel();
    let clients: Vec<_> = (0..CLIENTS).map(|_| node.client()).collect();
    std::thread::scope(|scope| {
        for mut client in clients {
            let (next, acknowledge) = (&next, acknowledge.clone());
            scope.spawn(move || {
                let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for number in numbers.take_while(|number| *number < PUTS) {
                    let text = text(round, number);
                    let Ok(response) = client.send("store.put", json!({ "data": text })) else {
                        return;
                    };
                    let hash = response["result"]["hash"].as_str();
                    let hash = hash.unwrap_or_else(|| panic!("{response}")).to_owned();
                    let _ = acknowledge.send((text, hash));
                }
            });
        }
        drop(acknowledge);
        let mut all: Acknowledged = acknowledgements.iter().take(kill_at as usize).collect();
        assert_eq!(all.len(), kill_at as usize, "the node failed by itself");
        node.kill();
        all.extend(acknowledgements);
        all
    })
}

/// Between a few bytes and a kilobyte.
fn text(round: u32, number: u32) -> String {
    let filler = "0123456789abcdef".repeat((number * 31 % 64) as usize);
    format!("round {round}, put {number}: {filler}")
}

fn read_back(node: &Node, acknowledged: &[(String, String)]) {
    let mut client = node.client();
    for (text, hash) in acknowledged {
        let response = client.send("store.get", json!({ "hash": hash }));
        let response = response.expect("an answer");
        let data = response["result"]["data"].as_str();
        assert_eq!(data, Some(text.as_str()), "{hash}: {}", response["error"]);
    }
}
