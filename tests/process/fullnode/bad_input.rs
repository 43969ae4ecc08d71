//! What cannot work is said clearly, and nothing is lost.

use std::fs;
use std::net::TcpListener;

use super::node::{Node, run};
use crate::child::Exit;
use crate::support::TempDir;

/// Runs a node on a folder; it is expected to give up at once.
fn fails(data: &str, more: &[&str]) -> Exit {
    let exit = run(&[&["--data", data, "--rpc", "127.0.0.1:0"], more].concat());
    assert_eq!(exit.stdout, [""; 0], "never ready");
    exit
}

fn says(exit: &Exit, code: i32, words: &[&str]) {
    assert_eq!(exit.code, Some(code), "{}", exit.stderr);
    for word in words {
        assert!(
            exit.stderr.contains(word),
            "no `{word}` in: {}",
            exit.stderr
        );
    }
}

#[test]
fn a_second_node_on_the_same_directory_is_refused() {
    let dir = TempDir::new();
    let data = dir.join("data");
    let first = Node::start(&data, &[]);
    let hash = first.put("mine");

    let exit = fails(&data, &[]);

    says(&exit, 1, &[&data, "in use by another node (pid ", "--data"]);
    assert_eq!(first.text(&hash).as_deref(), Some("mine"));
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    let dir = TempDir::new();
    let file = dir.join("file");
    fs::write(&file, "precious").unwrap();

    says(
        &fails(&file, &[]),
        1,
        &[&file, "cannot be used for data", "--data"],
    );
    let below = format!("{file}/below");
    says(&fails(&below, &[]), 1, &[&below, "cannot be used for data"]);
    #[cfg(target_os = "linux")]
    says(
        &fails("/proc/fullnode", &[]),
        1,
        &["/proc/fullnode", "cannot be used for data"],
    );

    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_port_in_use_is_named() {
    let dir = TempDir::new();
    let data = dir.join("data");
    let hash = Node::start(&data, &[]).put("kept");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let taken = TcpListener::bind(&taken).map_or(taken, |_| panic!("the port is taken"));

    let rpc = run(&["--data", &data, "--rpc", &taken]);
    let peer = fails(&data, &["--peer-listen", &taken]);

    says(&rpc, 1, &[&taken, "in use"]);
    says(&peer, 1, &[&taken, "in use", "--peer-listen"]);
    let again = Node::start(&data, &[]);
    assert_eq!(again.text(&hash).as_deref(), Some("kept"));
}

#[test]
fn an_address_that_does_not_parse_is_refused_before_anything_is_touched() {
    let dir = TempDir::new();
    let data = dir.join("data");

    for (option, value) in [
        ("--rpc", "localhost"),
        ("--peer-listen", "127.0.0.1:70000"),
        ("--connect", "nowhere"),
        ("--log", "=="),
    ] {
        let exit = run(&["--data", &data, option, value]);
        let code = if option == "--log" { 1 } else { 2 };
        says(&exit, code, &[option, value]);
    }

    assert!(!fs::exists(&data).unwrap());
}

#[test]
fn a_corrupt_database_is_named_and_left_where_it_is() {
    let dir = TempDir::new();
    let data = dir.join("data");
    let node = Node::start(&data, &[]);
    node.put("something");
    assert_eq!(node.stop().code, Some(0));
    let file = dir.path().join("data/blobs.redb");
    let sound = fs::read(&file).unwrap();

    let garbage = b"this is not a database".to_vec();
    let cut = sound[..sound.len() / 3].to_vec();
    for damaged in [garbage, cut] {
        fs::write(&file, &damaged).unwrap();

        let exit = fails(&data, &[]);

        says(&exit, 1, &["blobs.redb", "cannot be opened", "backup"]);
        assert_eq!(fs::read(&file).unwrap().len(), damaged.len());
    }
    fs::write(&file, &sound).unwrap();
    assert_eq!(Node::start(&data, &[]).blobs(), 1);
}

#[test]
fn help_helps() {
    let exit = run(&["--help"]);

    assert_eq!(exit.code, Some(0));
    let help = exit.stdout.join("\n");
    for word in [
        "--data",
        "--rpc",
        "--peer-listen",
        "--connect",
        "--log",
        "import",
    ] {
        assert!(help.contains(word), "no `{word}` in:\n{help}");
    }
}
