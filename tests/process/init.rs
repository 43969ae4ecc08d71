//! Being PID 1, and being its parent.
//!
//! A namespace of its own makes a process PID 1. Where the machine does not allow that, the tests
//! say so and look at the same thing from outside.

use std::process::Command;
use std::sync::OnceLock;

use crate::child::{Process, fixture, fixture_command, signal};
use crate::support::eventually;

const UNSHARE: [&str; 6] = [
    "--user",
    "--map-root-user",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
];

#[expect(clippy::print_stdout, reason = "what is not tested is said")]
fn has_namespaces() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let mut unshare = Command::new("unshare");
        let output = unshare.args(UNSHARE).arg("true").output();
        let has = output.is_ok_and(|output| output.status.success());
        if !has {
            println!("no PID namespace on this machine: PID 1 is looked at from outside");
        }
        has
    })
}

/// The fixture as PID 1 of a namespace, and its id outside; or not as PID 1.
fn first_process(arguments: &[&str]) -> (Process, u32) {
    if !has_namespaces() {
        let process = fixture(arguments);
        let id = process.id();
        return (process, id);
    }
    let mut command = Command::new("unshare");
    command.args(UNSHARE);
    let program = fixture_command(arguments);
    command.arg(program.get_program()).args(program.get_args());
    let process = Process::start(command);
    let id = eventually("the fixture", || children(process.id()).first().copied());
    (process, id)
}

/// The fields of `/proc/ID/stat` after the name: state, parent.
fn stat(id: u32) -> Option<(String, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn children(of: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| stat(*id).is_some_and(|(_, parent)| parent == of))
        .collect()
}

/// Whether a process handles a signal.
fn catches(id: u32, signal: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a live process");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = u64::from_str_radix(mask.expect("a mask").trim(), 16).expect("hexadecimal");
    mask & (1 << (signal - 1)) != 0
}

#[test]
fn i7_first_process_handles_term_before_main_and_stops_in_order() {
    let (mut process, id) = first_process(&["main=slow"]);
    process.wait_for_line("main");
    // HUP, INT, QUIT, TERM: what PID 1 does not handle, the kernel drops.
    for number in [1, 2, 3, 15] {
        assert!(catches(id, number), "signal {number}");
    }
    process.wait_for_line("run");
    signal(id, "TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn i7_first_process_that_is_signalled_in_main_ends_with_128_plus_n() {
    let (mut process, id) = first_process(&["main=hang"]);
    process.wait_for_line("main");
    signal(id, "TERM");

    let exit = process.finish();

    // Elsewhere the process ends by the signal itself, which PID 1 cannot.
    let expected = match has_namespaces() {
        true => (Some(143), None),
        false => (None, Some(15)),
    };
    assert_eq!((exit.code, exit.signal), expected, "{exit:?}");
}

/// Waits until init has a child beside the program, lets it end, and waits until it is reaped.
fn see_orphan_reaped(init: u32, program: u32) {
    let orphan = eventually("the orphan to come to init", || {
        children(init).into_iter().find(|id| *id != program)
    });
    signal(orphan, "KILL");
    eventually("init to reap the orphan", || {
        stat(orphan).is_none().then_some(())
    });
}

#[test]
fn init_reaps_orphans_and_ends_as_its_child_does() {
    let mut process = fixture(&["init=always", "orphan=on"]);
    process.wait_for_line("run");
    let init = process.id();
    let shown = process.wait_for_line_with("orphan ");
    let orphan: u32 = shown["orphan ".len()..].parse().expect("a process id");
    let others = children(init);
    let program = others.iter().find(|id| **id != orphan);
    assert!(others.contains(&orphan), "{others:?}");
    see_orphan_reaped(init, *program.expect("the program"));
    process.signal("TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn init_as_pid_1_reaps_orphans_and_passes_term_on() {
    // Outside of a namespace `pid1` does nothing, so it is `always` there.
    let init = if has_namespaces() {
        "init=pid1"
    } else {
        "init=always"
    };
    let (mut process, id) = first_process(&[init, "orphan=on"]);
    process.wait_for_line("run");
    let program = eventually("the program", || {
        children(id).into_iter().find(|child| catches(*child, 3))
    });
    see_orphan_reaped(id, program);
    signal(id, "TERM");

    let exit = process.finish();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert_eq!(exit.stdout.last().map(String::as_str), Some("post_stop"));
}

#[test]
fn init_that_is_not_pid_1_is_no_init() {
    let mut process = fixture(&["init=pid1"]);
    process.wait_for_line("run");
    assert_eq!(children(process.id()), [0; 0]);
    process.signal("TERM");

    assert_eq!(process.finish().code, Some(0));
}

#[test]
fn init_passes_on_codes_signals_and_arguments() {
    let exit = fixture(&["init=always", "on_start=err"]).finish();
    assert_eq!(exit.code, Some(1), "{exit:?}");
    assert!(
        exit.stderr.starts_with("error: on_start failed\n"),
        "{exit:?}"
    );

    // Nobody handles the user's signals, so they end the program, and init tells by which.
    for (name, code) in [("USR1", 138), ("USR2", 140), ("HUP", 0), ("INT", 0)] {
        let mut process = fixture(&["init=always"]);
        process.wait_for_line("run");
        process.signal(name);
        assert_eq!(process.finish().code, Some(code), "{name}");
    }

    let mut process = fixture(&["init=always"]);
    process.wait_for_line("run");
    process.signal("QUIT");
    process.wait_for_error("service `fixture` in phase running");
    let program = children(process.id());
    signal(program[0], "KILL");
    assert_eq!(process.finish().code, Some(137));
}

#[test]
fn killed_init_leaves_nobody_behind() {
    let mut process = fixture(&["init=always"]);
    process.wait_for_line("run");
    let program = children(process.id())[0];
    process.signal("KILL");

    process.wait_for_line("post_stop");
    eventually("the program to end", || match stat(program) {
        None => Some(()),
        Some((state, _)) => (state == "Z").then_some(()),
    });
}
