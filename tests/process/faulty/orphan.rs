//! A program whose parent is gone.

use std::process::Command;

use super::program::{assert_ended, signal};
use crate::child::Process;
use crate::support::example;

const WHOLE: &str = "pre_start ok, on_start ok, run ok, on_stop ok, post_stop ok, cleanup ok";

/// Ends the orphan, whatever becomes of the test.
struct Orphan(String);

impl Drop for Orphan {
    fn drop(&mut self) {
        signal("KILL", &self.0);
    }
}

#[test]
fn orphan_goes_on_and_stops_in_order_when_told() {
    let script = "\"$0\" & echo \"child $!\"; wait";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(example("faulty"));
    let mut shell = Process::start(shell);
    let child = shell.wait_for_line_with("child ");
    let orphan = Orphan(child.trim_start_matches("child ").to_owned());
    shell.wait_for_line("run began");

    shell.signal("KILL");
    assert!(signal("0", &orphan.0), "it lives on");
    assert!(signal("TERM", &orphan.0));
    // It holds the pipe of the shell: the lines end when it does.
    let mut exit = shell.finish();

    exit.stdout.retain(|line| !line.starts_with("child "));
    assert_eq!((exit.code, exit.signal), (None, Some(9)));
    exit.code = Some(0);
    assert_ended(&exit, 0, WHOLE);
}
