//! What a node answers.

use serde_json::{Value, json};

use super::node::Node;
use crate::support::TempDir;

const INVALID_PARAMS: i64 = -32602;
const METHOD_NOT_FOUND: i64 = -32601;
const RESOURCE_NOT_FOUND: i64 = 10005;
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn the_ready_line_tells_where_everything_is() {
    let dir = TempDir::new();
    let data = dir.join("data");

    let with_peers = Node::start(&data, &[]);
    let expected = format!(
        "ready rpc=http://{} peer={} data={data}",
        with_peers.rpc, with_peers.peer
    );
    assert_eq!(with_peers.ready, expected);
    let exit = with_peers.stop();
    assert_eq!(exit.stdout, [expected], "stdout carries that line only");

    let alone = super::node::fullnode(&["--data", &data, "--rpc", "127.0.0.1:0"]);
    assert_eq!(Node::launch(alone).peer, "-");
}

#[test]
fn blobs_are_put_read_listed_and_counted() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);

    let put = node.call("store.put", json!({ "data": "abc" }));
    let again = node.call("store.put", json!(["YWJj", "base64"]));
    let bytes = node.call("store.put", json!({ "data": "/wA=", "encoding": "base64" }));

    assert_eq!(put, json!({ "hash": ABC, "size": 3 }));
    assert_eq!(again, put, "the same bytes are the same blob");
    let text = node.call("store.get", json!({ "hash": ABC }));
    assert_eq!(
        text,
        json!({ "data": "abc", "encoding": "utf8", "size": 3 })
    );
    let read = json!({ "hash": bytes["hash"], "encoding": "base64" });
    let expected = json!({ "data": "/wA=", "encoding": "base64", "size": 2 });
    assert_eq!(node.call("store.get", read), expected);
    assert_eq!(node.call("store.has", json!({ "hash": ABC })), json!(true));
    assert_eq!(
        node.call("store.has", json!(["00".repeat(32)])),
        json!(false)
    );
    let stat = json!({ "blobs": 2, "bytes": 5 });
    assert_eq!(node.call("store.stat", json!({})), stat);
}

#[test]
fn the_list_is_sorted_and_paged() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    let mut hashes: Vec<_> = (0..25)
        .map(|number| node.put(&number.to_string()))
        .collect();
    hashes.sort_unstable();

    let mut listed: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = node.call("store.list", json!({ "after": after, "limit": 10 }));
        listed.extend(page["hashes"].as_array().expect("a list").clone());
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }

    assert_eq!(listed, hashes);
    let (code, message) = node.refusal("store.list", json!({ "limit": 1001 }));
    assert_eq!(code, INVALID_PARAMS);
    assert!(message.contains("1000"), "{message}");
}

#[test]
fn wrong_calls_are_told_what_is_wrong() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    let bytes = node.call("store.put", json!({ "data": "/w==", "encoding": "base64" }));
    let absent = json!({ "hash": "00".repeat(32) });
    let large = json!({ "data": "x".repeat(1024 * 1024 + 1) });

    for (method, params, code, expected) in [
        ("store.get", absent, RESOURCE_NOT_FOUND, "000000"),
        (
            "store.get",
            json!({ "hash": bytes["hash"] }),
            INVALID_PARAMS,
            "UTF-8",
        ),
        (
            "store.get",
            json!({ "hash": "xyz" }),
            INVALID_PARAMS,
            "64 hexadecimal",
        ),
        (
            "store.put",
            json!({ "data": "?", "encoding": "base64" }),
            INVALID_PARAMS,
            "base64",
        ),
        (
            "store.put",
            json!({ "data": "a", "encoding": "rot13" }),
            INVALID_PARAMS,
            "rot13",
        ),
        ("store.put", json!({}), INVALID_PARAMS, "data"),
        ("store.put", large, INVALID_PARAMS, "1048576"),
        ("store.drop", json!({}), METHOD_NOT_FOUND, ""),
    ] {
        let (actual, message) = node.refusal(method, params);
        assert_eq!(actual, code, "{method}: {message}");
        assert!(message.contains(expected), "{method}: {message}");
    }
    let largest = json!({ "data": "x".repeat(1024 * 1024) });
    assert_eq!(node.call("store.put", largest)["size"], 1024 * 1024);
}

#[test]
fn a_restart_keeps_the_data_and_the_identity() {
    let dir = TempDir::new();
    let data = dir.join("data");
    let node = Node::start(&data, &[]);
    let hash = node.put("kept");
    let identity = node.call("node.info", json!({}))["peer_id"].clone();
    assert_eq!(node.stop().code, Some(0));

    let node = Node::start(&data, &[]);

    assert_eq!(node.text(&hash).as_deref(), Some("kept"));
    assert_eq!(node.call("node.info", json!({}))["peer_id"], identity);
}
