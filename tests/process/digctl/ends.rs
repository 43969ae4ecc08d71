//! Stops, and calls that end otherwise than one would think.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use super::{Live, Said};
use crate::support::{TempDir, digctl, eventually, example};

#[test]
fn stop_waits_for_the_end_and_tells_its_exit_code() {
    let live = Live::calm();
    // Longer than it takes until the sticky child has blocked its thread, and let it go.
    live.wait_for("/sticky", "failed");
    live.wait_for("/sticky", "running");
    // Nor does it listen in its first half second.
    std::thread::park_timeout(std::time::Duration::from_millis(800));

    let said = live.ask(&["stop", "--wait", "-r", "moving", "--yes"]);

    let socket = live.socket();
    let exit = live.finish();
    assert_eq!(
        (said.code, exit.code),
        (Some(0), Some(0)),
        "{said:?} {}",
        exit.stderr
    );
    assert_eq!(said.stdout.lines().last(), Some("stopped, exit code 0"));
    let gone = Said::of(
        &Command::new(digctl())
            .args(["-s", &socket, "why"])
            .output()
            .expect("digctl"),
    );
    assert_eq!(gone.code, Some(3), "{gone:?}");
    assert!(gone.stderr.contains(&socket), "{gone:?}");
}

#[test]
fn stop_of_a_service_that_does_not_end_well_is_a_failure() {
    let live = Live::calm();
    // The sticky child blocks its thread after half a second, for six.
    live.wait_for("/sticky", "failed");

    let said = live.ask(&["stop", "--wait", "-r", "moving", "-y", "--json"]);

    assert_eq!(said.code, Some(1), "{said:?}");
    let last = said.stdout.lines().last().expect("a line");
    assert_eq!(last, r#"{"code":124,"stopped":true}"#);
    assert_eq!(live.finish().code, Some(124));
}

#[test]
fn why_names_what_holds_up_a_stop_with_its_age_and_the_time_left() {
    let live = Live::calm();
    let file = live.folder.join("slow.json");
    let manifest = r#"{"name":"slow","factory_key":"stubborn","params":4,"stop_budget":"20s"}"#;
    std::fs::write(&file, manifest).expect("a file");
    assert_eq!(live.ask(&["add", &file, "-r", "x", "-y"]).code, Some(0));
    assert_eq!(live.ask(&["stop", "-r", "moving", "-y"]).code, Some(0));

    let why = eventually("digctl why names the child", || {
        let why = live.ask(&["why"]);
        why.stdout.contains("slow: ").then_some(why.stdout)
    });

    let begins = "stopping (requested over RPC), in phase joining, waiting for ";
    assert!(why.starts_with(begins), "{why}");
    let (_, rest) = why.split_once("slow: ").expect("it was found");
    let (age, rest) = rest.split_once(" s old").expect("an age");
    assert!(age.parse::<f64>().is_ok_and(|age| age < 60.0), "{why}");
    let (_, left) = rest.split_once("]; ").expect("the time left");
    let left = left
        .trim_end()
        .strip_suffix(" s left")
        .expect("the time left");
    assert!(left.parse::<f64>().is_ok_and(|left| left > 1.0), "{why}");
}

#[test]
fn service_that_has_no_descriptor_left_is_reached_again_once_it_has() {
    let folder = TempDir::new();
    let mut command = Command::new("sh");
    let run = "ulimit -n 40; exec \"$0\" --every 60000 --dashboard \"$1\"";
    let socket = folder.join("s.sock");
    command
        .args(["-c", run])
        .arg(example("supervised"))
        .arg(&socket);
    let live = Live::of(command, folder);
    let connect = || UnixStream::connect(&socket).expect("a place in the queue");

    let crowd: Vec<_> = (0..60).map(|_| connect()).collect();
    std::thread::park_timeout(std::time::Duration::from_millis(500));
    drop(crowd);

    let said = eventually("an answer", || {
        let said = live.ask(&["why"]);
        (said.code == Some(0)).then_some(said)
    });
    assert_eq!(said.stdout, "running; nobody has asked it to stop\n");
    live.process.signal("TERM");
    assert!(live.finish().code.is_some());
}

#[test]
fn what_became_of_a_command_is_told_by_the_exit_code_whoever_reads() {
    let live = Live::calm();
    let deaf = |arguments: &[&str]| {
        let mut child = live
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("digctl runs");
        // Nobody reads what it prints.
        drop(child.stdout.take());
        child.wait().expect("a child").code()
    };

    assert_eq!(deaf(&["status"]), Some(0));
    assert_eq!(deaf(&["restart", "compact", "-r", "x"]), Some(0));
    assert_eq!(deaf(&["restart", "nobody", "-r", "x"]), Some(1));
    let top = live.ask(&["top"]);
    assert_eq!(top.code, Some(2), "{top:?}");
    assert!(top.stderr.contains("top needs a terminal"), "{top:?}");
    live.wait_for("/sticky", "failed");
    assert_eq!(deaf(&["stop", "--wait", "-r", "x", "-y"]), Some(1));
    assert_eq!(live.finish().code, Some(124));
}

/// The resident memory of a process, in bytes.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/statm")).expect("a process");
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number") * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn i52_line_of_a_hundred_megabytes_costs_no_memory() {
    let live = Live::calm();
    live.ask(&["status"]);
    let mut rude = UnixStream::connect(live.socket()).expect("a listener");
    let before = resident(live.process.id());

    let piece = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        rude.write_all(&piece).expect("the service reads");
        let now = resident(live.process.id());
        assert!(
            now < before + (16 << 20),
            "the line is kept: {before}, {now}"
        );
    }
    assert_eq!(live.ask(&["why"]).code, Some(0));
}
