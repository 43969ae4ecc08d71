//! The list of invariants: every test that it names exists.

use std::collections::HashSet;

use crate::tree::{all_rust_files, root, rust_files};

/// The names between backquotes in the last column of the table.
fn named_tests(page: &str) -> Vec<(String, String)> {
    let rows = page.lines().filter(|line| line.starts_with("| I"));
    let mut named = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, _, tests] = cells[..] else {
            panic!("a row has four cells: {row}");
        };
        let names = tests.split('`').skip(1).step_by(2);
        named.extend(names.map(|name| (id.to_owned(), name.to_owned())));
    }
    named
}

/// The names of all functions that follow a test attribute.
fn tests_in_tree() -> HashSet<String> {
    let mut names = HashSet::new();
    for (_, text) in all_rust_files() {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let function = line.trim_start_matches("async ").strip_prefix("fn ");
            if let Some(rest) = function {
                // A property test carries its `#[test]` inside `proptest!`, as any other.
                if is_test && let Some((name, _)) = rest.split_once('(') {
                    names.insert(name.to_owned());
                }
                is_test = false;
            }
        }
    }
    names
}

#[test]
fn every_named_test_exists() {
    let page = std::fs::read_to_string(root().join("docs/invariants.md")).expect("the page");
    let known = tests_in_tree();
    let named = named_tests(&page);
    assert!(named.len() > 30, "the page was not read: {named:?}");

    let missing: Vec<_> = named
        .iter()
        .filter(|(_, test)| !known.contains(test))
        .collect();

    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_id_in_the_sources_is_on_the_page() {
    let page = std::fs::read_to_string(root().join("docs/invariants.md")).expect("the page");
    // The examples have pages of their own.
    for (path, text) in rust_files("dig-service/src") {
        for (at, prefix) in text.match_indices("INV-") {
            let rest = &text[at + prefix.len()..];
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            let is_id = rest[..end].chars().any(|c| c.is_ascii_digit());
            let id = format!("INV-{}", &rest[..end]);
            assert!(
                !is_id || page.contains(&format!("| {id} |")),
                "{id} in {}",
                path.display()
            );
        }
    }
}
