//! What a signal leaves behind: how a program ends that was asked to stop, and what becomes of its
//! children.

use crate::child::{Exit, Process, fixture, signal};
use crate::support::TempDir;

fn running(arguments: &[&str]) -> Process {
    let mut process = fixture(arguments);
    process.wait_for_line("run");
    process
}

/// Sends the signal to a running fixture, and waits for its end and its exit report.
fn ended_by(name: &str, arguments: &[&str]) -> (Exit, serde_json::Value) {
    let folder = TempDir::new();
    let file = folder.join("report.json");
    let report = format!("report={file}");
    let process = running(&[arguments, &[&report]].concat());
    process.signal(name);
    let exit = process.finish();
    let report = std::fs::read(file).expect("the report was written");
    (exit, serde_json::from_slice(&report).expect("JSON"))
}

#[test]
fn i55_clean_stop_by_a_signal_ends_as_the_policy_says() {
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let (zero, report) = ended_by(name, &[]);
        assert_eq!((zero.code, zero.signal), (Some(0), None), "{zero:?}");
        assert_eq!(report["code"], 0);

        let (code, report) = ended_by(name, &["signal_exit=code"]);
        assert_eq!((code.code, code.signal), (Some(128 + number), None));
        assert_eq!(report["code"], 128 + number);
        assert_eq!(code.stdout.last().map(String::as_str), Some("post_stop"));

        let (raised, report) = ended_by(name, &["signal_exit=reraise"]);
        assert_eq!((raised.code, raised.signal), (None, Some(number)));
        assert_eq!(report["code"], 128 + number);
        assert_eq!(raised.stdout.last().map(String::as_str), Some("post_stop"));
    }
}

#[test]
fn i55_end_that_no_signal_asked_for_or_that_failed_keeps_its_code() {
    for policy in ["signal_exit=code", "signal_exit=reraise"] {
        let done = fixture(&[policy, "run=done"]).finish();
        assert_eq!((done.code, done.signal), (Some(0), None), "{done:?}");

        let (failed, report) = ended_by("TERM", &[policy, "on_stop=err"]);
        assert_eq!((failed.code, failed.signal), (Some(1), None), "{failed:?}");
        assert_eq!(report["code"], 1);

        let (reload, _) = ended_by("HUP", &[policy]);
        assert_eq!((reload.code, reload.signal), (Some(0), None), "{reload:?}");
    }
}

#[test]
fn i12_childs_signal_is_not_the_parents_and_handlers_are_not_inherited() {
    let mut process = fixture(&["child=on"]);
    let child = process.wait_for_line_with("child ");
    let child = child["child ".len()..].parse().expect("a process id");

    signal(child, "TERM");
    process.wait_for_line_with("signal: 15");
    process.signal("TERM");
    let exit = process.finish();

    // Had the child's signal counted, the one to the parent would have been the second.
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}
