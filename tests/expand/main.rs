//! What the macros expand to, word for word.
//!
//! Bless with `MACROTEST=overwrite`. No tool needs to be installed: `cargo_expand.rs` stands in for
//! cargo-expand, and this test runs itself once more with it in front of `PATH`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const CASES: &str = "expand/cases/*.rs";
const INNER: &str = "DIG_EXPAND_INNER";

#[test]
fn expansions_are_those_in_the_tree() {
    if env::var_os(INNER).is_some() {
        compare();
        return;
    }
    let stand_in = Path::new(env!("CARGO_BIN_EXE_cargo-expand"));
    let folder = stand_in.parent().expect("a file stands in a folder");
    let others = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::iter::once(folder.to_owned())
        .chain(env::split_paths(&others))
        .collect();
    let path = env::join_paths(folders).expect("the old folders came from a `PATH`");

    let status = Command::new(env::current_exe().expect("this test is a file"))
        .args(["--exact", "expansions_are_those_in_the_tree", "--nocapture"])
        .env("PATH", path)
        .env(INNER, "1")
        .status()
        .expect("this test can be run");

    assert!(status.success(), "see above");
}

fn compare() {
    if env::var_os("MACROTEST").is_some_and(|mode| mode == "overwrite") {
        // The strict form refuses to write.
        macrotest::expand(CASES);
    } else {
        macrotest::expand_without_refresh(CASES);
    }
}
