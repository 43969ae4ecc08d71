//! The manifests: versions, features, the toolchain that is promised.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::tree::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The resolved packages, from the lock file alone.
fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    // Not offline: packages that no build of this machine needs may not have been fetched yet.
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    cargo.args(["--filter-platform", &host()]);
    let output = cargo.current_dir(root()).output().expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo speaks JSON")
}

fn host() -> String {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let output = rustc
        .arg("-vV")
        .current_dir(root())
        .output()
        .expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc speaks UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("`{key}` is a list"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The packages that a build of `package` for this platform needs.
fn needed_by(metadata: &Value, package: &str) -> Vec<Value> {
    let packages = list(metadata, "packages");
    let find = |id: &str| {
        packages
            .iter()
            .find(|p| text(p, "id") == id)
            .expect("a package")
    };
    let nodes = list(&metadata["resolve"], "nodes");
    let start = packages
        .iter()
        .find(|p| text(p, "name") == package)
        .expect("a member");
    let mut queue = vec![text(start, "id").to_owned()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(id) = queue.pop() {
        if seen.contains(&id) {
            continue;
        }
        let node = nodes
            .iter()
            .find(|node| text(node, "id") == id)
            .expect("a node");
        for dependency in list(node, "deps") {
            let kinds = list(dependency, "dep_kinds");
            if kinds
                .iter()
                .any(|kind| kind["kind"].is_null() && kind["target"].is_null())
            {
                queue.push(text(dependency, "pkg").to_owned());
            }
        }
        seen.push(id);
    }
    seen.iter().map(|id| find(id).clone()).collect()
}

/// `1.90` or `1.90.0` as a pair of numbers.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().expect("a number"));
    (parts.next().expect("a major"), parts.next().unwrap_or(0))
}

#[test]
fn msrv_holds_for_every_dependency() {
    let metadata = metadata();
    let promised = version(text(
        &needed_by(&metadata, "dig-service")[0],
        "rust_version",
    ));
    for package in needed_by(&metadata, "dig-service") {
        let Some(needed) = package["rust_version"].as_str() else {
            continue;
        };
        let name = text(&package, "name");
        assert!(
            version(needed) <= promised,
            "{name} needs Rust {needed}, we promise {promised:?}"
        );
    }
}

#[test]
fn changelog_has_a_line_for_every_version() {
    let changelog = read("CHANGELOG.md");
    for package in list(&metadata(), "packages") {
        if package["source"].is_null() {
            let heading = format!("## [{}]", text(package, "version"));
            assert!(
                changelog.contains(&heading),
                "{}: no `{heading}`",
                text(package, "name")
            );
        }
    }
}

#[test]
fn features_are_told_on_the_crate_page() {
    let page = read("dig-service/src/lib.rs");
    let metadata = metadata();
    let crates = list(&metadata, "packages");
    let ours = crates
        .iter()
        .find(|p| text(p, "name") == "dig-service")
        .expect("our crate");
    for feature in ours["features"].as_object().expect("features").keys() {
        if feature != "default" {
            assert!(
                page.contains(&format!("| `{feature}` |")),
                "`{feature}` is not on the page"
            );
        }
    }
}

#[test]
fn default_build_stays_small() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "-p",
        "dig-service",
        "-e",
        "normal",
        "--prefix",
        "none",
    ]);
    cargo.args(["--locked", "--offline"]);
    let output = cargo.current_dir(root()).output().expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let crates: std::collections::BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|l| !l.is_empty())
        .collect();

    assert!(crates.len() > 10, "cargo tree printed: {tree}");
    assert!(
        crates.len() < 45,
        "{} crates by default: {crates:#?}",
        crates.len()
    );
}

#[test]
fn readme_gives_its_two_commands_on_the_first_screen() {
    let readme = read("README.md");
    let screen: Vec<_> = readme.lines().take(60).collect();
    for command in [
        "cargo run --release --example fullnode",
        "cargo test --workspace --all-features",
    ] {
        assert!(
            screen.iter().any(|line| line.contains(command)),
            "`{command}` is not there"
        );
    }
}

#[test]
fn ci_runs_the_readme_test_command_and_every_feature() {
    let script = read(".ci/run");
    assert!(script.contains("cargo test --workspace --all-features"));
    let manifest = read("dig-service/Cargo.toml");
    let features = manifest.split("[features]").nth(1).expect("features");
    let features = features.split("\n[").next().expect("a section");
    for line in features.lines().filter(|line| line.contains(" = [")) {
        let name = line.split(" = ").next().expect("a name");
        if name != "default" {
            assert!(
                script.contains(name),
                "`.ci/run` does not build feature `{name}` alone"
            );
        }
    }
}
