//! `fullnode import`.

use std::fs;

use serde_json::json;

use super::node::{Node, run};
use crate::support::{TempDir, workspace};

fn hashes(stdout: &[String]) -> Vec<&str> {
    let hash = |line: &'_ String| line.split_once("  ").expect("hash and path").0.len();
    assert!(stdout.iter().all(|line| hash(line) == 64));
    stdout.iter().map(|line| &line[..64]).collect()
}

#[test]
fn a_folder_is_taken_with_all_that_is_in_it() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    fs::create_dir_all(dir.path().join("files/deep/deeper")).unwrap();
    fs::write(dir.path().join("files/abc"), "abc").unwrap();
    fs::write(dir.path().join("files/deep/deeper/bytes"), [0xff; 1000]).unwrap();
    fs::write(dir.path().join("files/deep/empty"), "").unwrap();

    let exit = run(&["import", "--rpc", &node.rpc, &dir.join("files")]);

    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    assert_eq!(exit.stderr, "", "no bar where there is no terminal");
    let abc = format!(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  {}",
        dir.join("files/abc")
    );
    assert_eq!(exit.stdout[0], abc);
    assert_eq!(exit.stdout.len(), 3);
    for hash in hashes(&exit.stdout) {
        assert_eq!(node.call("store.has", json!({ "hash": hash })), json!(true));
    }
}

#[test]
fn a_file_over_the_limit_is_named_and_skipped() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    fs::create_dir(dir.path().join("files")).unwrap();
    fs::write(dir.path().join("files/large"), vec![b'x'; 1024 * 1024]).unwrap();
    fs::write(dir.path().join("files/larger"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
    fs::write(dir.path().join("files/small"), "small").unwrap();

    let exit = run(&[
        "import",
        "--rpc",
        &node.rpc,
        &dir.join("files"),
        &dir.join("absent"),
    ]);

    assert_eq!(exit.code, Some(1));
    assert_eq!(exit.stdout.len(), 2, "{:?}", exit.stdout);
    let larger = format!("skipped {}: larger than a blob", dir.join("files/larger"));
    assert!(exit.stderr.contains(&larger), "{}", exit.stderr);
    let absent = format!("skipped {}: No such file", dir.join("absent"));
    assert!(exit.stderr.contains(&absent), "{}", exit.stderr);
    assert!(
        exit.stderr.contains("2 imported, 2 skipped"),
        "{}",
        exit.stderr
    );
    assert_eq!(node.blobs(), 2);
}

#[test]
fn the_sources_of_this_workspace_are_taken() {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("data"), &[]);
    let path = |name: &str| workspace().join(name).to_str().expect("plain").to_owned();
    let folders = [path("dig-service/src"), path("examples"), path("tests")];

    let mut arguments = vec!["import", "--rpc", &node.rpc];
    arguments.extend(folders.iter().map(String::as_str));
    let exit = run(&arguments);

    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    let mut all = hashes(&exit.stdout);
    assert!(all.len() > 50, "{}", all.len());
    all.sort_unstable();
    all.dedup();
    assert_eq!(node.blobs(), all.len() as u64);
    let main = path("examples/fullnode/main.rs");
    let line = exit.stdout.iter().find(|line| line.ends_with(&main));
    let hash = &line.expect("the file was imported")[..64];
    assert_eq!(node.text(hash), fs::read_to_string(main).ok());
}

#[test]
fn without_a_node_it_says_so() {
    let dir = TempDir::new();
    fs::write(dir.path().join("file"), "x").unwrap();

    let exit = run(&["import", "--rpc", "127.0.0.1:1", &dir.join("file")]);

    assert_eq!(exit.code, Some(1));
    let expected = "no node answers at http://127.0.0.1:1";
    assert!(exit.stderr.contains(expected), "{}", exit.stderr);
}
