//! The files: how long they are, how they begin, what is not in them.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests are a folder of the workspace")
        .to_path_buf()
}

/// Every Rust file below a folder of the workspace, with its text.
pub(crate) fn rust_files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    assert!(!files.is_empty(), "no Rust file in `{folder}`");
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a readable file");
            files.push((path, text));
        }
    }
}

pub(crate) fn all_rust_files() -> Vec<(PathBuf, String)> {
    let folders = [
        "dig-rpc-types",
        "dig-service",
        "dig-service-macros",
        "examples",
        "tests",
    ];
    folders
        .iter()
        .flat_map(|folder| rust_files(folder))
        .collect()
}

/// Expansions are written by a machine.
fn is_snapshot(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expanded.rs")
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let too_long: Vec<_> = all_rust_files()
        .into_iter()
        .filter(|(path, _)| !is_snapshot(path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .collect();

    assert!(too_long.is_empty(), "two ideas in one file? {too_long:#?}");
}

#[test]
fn every_source_file_begins_with_what_it_is() {
    let folders = [
        "dig-rpc-types/src",
        "dig-service/src",
        "dig-service-macros/src",
        "examples",
    ];
    let silent: Vec<_> = folders
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|(path, _)| !path.ends_with("tests.rs") && !in_tests_folder(path))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();

    assert!(silent.is_empty(), "no `//!` line at the top of {silent:#?}");
}

fn in_tests_folder(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn nothing_is_left_to_do_in_the_sources() {
    // Split, so that this file does not name what it forbids.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("unimpl", "emented!"),
    ];
    for (path, text) in all_rust_files() {
        for word in words {
            assert!(!text.contains(word), "`{word}` in {}", path.display());
        }
    }
}

#[test]
fn no_path_of_one_machine_is_in_the_tree() {
    for (path, text) in all_rust_files() {
        for root in [
            concat!("/", "home/"),
            concat!("/", "root/"),
            concat!("/", "Users/"),
        ] {
            assert!(!text.contains(root), "`{root}` in {}", path.display());
        }
    }
}
