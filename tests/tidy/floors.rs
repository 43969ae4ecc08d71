//! The floors of `dig-service`: a module names only lower floors, never a sibling.

use std::path::Path;

use crate::tree::{root, rust_files};

const FLOORS: &[(&str, u8)] = &[
    ("clock", 0),
    ("duration", 0),
    ("phase", 0),
    ("process", 0),
    ("sync", 0),
    ("error", 1),
    ("shutdown", 2),
    ("event", 3),
    ("decl", 4),
    ("tasks", 4),
    ("control", 5),
    ("lifecycle", 6),
    ("panic", 6),
    ("peer", 6),
    ("registry", 6),
    ("rpc", 6),
    ("signals", 6),
    ("supervisor", 6),
    ("watchdog", 6),
    ("service", 7),
    ("console", 8),
    ("dashboard", 8),
    ("metrics", 8),
    ("systemd", 8),
    ("entry", 9),
    ("init", 9),
    ("prelude", 10),
    ("private", 10),
    ("testing", 9),
];

fn floor(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, floor)| *floor)
}

/// The top-level module that a file belongs to; `None` for the crate's root and its programs.
fn module_of(path: &Path) -> Option<String> {
    let inside = path
        .strip_prefix(root().join("dig-service/src"))
        .expect("a file of the crate");
    let first = inside
        .components()
        .next()
        .expect("a file")
        .as_os_str()
        .to_string_lossy();
    let name = first.trim_end_matches(".rs").to_owned();
    // The crate's root, and programs, which see of the crate what everybody sees.
    (name != "lib" && name != "bin").then_some(name)
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The first segments of all `crate::..` paths in code (comments and docs may name anything).
fn named_modules(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut names = Vec::new();
    for line in code {
        for (at, found) in line.match_indices("crate::") {
            let is_macro_crate = line[..at].ends_with('$');
            let rest = &line[at + found.len()..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            if !is_macro_crate && end > 0 {
                names.push(rest[..end].to_owned());
            }
        }
    }
    names
}

#[test]
fn every_module_names_only_lower_floors() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("dig-service/src") {
        let Some(module) = module_of(&path).filter(|_| !is_test(&path)) else {
            continue;
        };
        let Some(own) = floor(&module) else {
            faults.push(format!("`{module}` has no floor"));
            continue;
        };
        for named in named_modules(&text)
            .into_iter()
            .filter(|named| *named != module)
        {
            match floor(&named) {
                Some(other) if other < own => {}
                _ => faults.push(format!(
                    "{}: floor {own} names `crate::{named}`",
                    path.display()
                )),
            }
        }
    }

    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn architecture_page_lists_every_module_with_its_floor() {
    let page = std::fs::read_to_string(root().join("docs/architecture.md")).expect("the page");
    for (path, _) in rust_files("dig-service/src") {
        let Some(module) = module_of(&path) else {
            continue;
        };
        let floor = floor(&module).unwrap_or_else(|| panic!("`{module}` has no floor"));
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {floor} |")));
        let row = row.unwrap_or_else(|| panic!("no row for floor {floor}"));
        assert!(
            row.contains(&format!("`{module}`")),
            "`{module}` is not in: {row}"
        );
    }
}

#[test]
fn path_finder_sees_code_and_skips_comments() {
    let text =
        "use crate::error::X;\n// crate::entry::Y\nlet a = crate::tasks::Z + $crate::private;";

    assert_eq!(named_modules(text), ["error", "tasks"]);
}
