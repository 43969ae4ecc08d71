//! The example `providers`: a file that is reloaded in place, a bad one that is not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use crate::child::{Process, fixture};
use crate::support::{PATIENCE, TempDir, eventually, example};

struct Kv {
    process: Process,
    address: String,
    config: String,
    folder: TempDir,
}

impl Kv {
    fn start(config: &str) -> Self {
        let folder = TempDir::new();
        let file = folder.join("kv.conf");
        std::fs::write(&file, config).expect("a file");
        let process = start(&file);
        process.wait_for_error("running");
        let errors = process.errors();
        let address = errors.split("address=").nth(1).expect("where it listens");
        let address = address
            .split_whitespace()
            .next()
            .expect("an address")
            .to_owned();
        Self {
            process,
            address,
            config: file,
            folder,
        }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
            .rsplit("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn configure(&self, text: &str) {
        std::fs::write(&self.config, text).expect("a file");
    }
}

fn start(config: &str) -> Process {
    let mut command = Command::new(example("providers"));
    command.args(["--config", config]).env("NO_COLOR", "1");
    Process::start(command)
}

#[test]
fn i49_hangup_reloads_in_place() {
    let kv = Kv::start("greeting = hello\ncache = 2\n");
    assert_eq!(kv.ask("GET", "/greeting", ""), "hello");
    for key in ["a", "b", "c"] {
        assert_eq!(kv.ask("PUT", &format!("/key/{key}"), key), "stored");
    }
    assert_eq!(kv.ask("GET", "/cached", ""), "2");

    kv.configure("greeting = good day\ncache = 1\n");
    kv.process.signal("HUP");

    eventually("the new greeting", || {
        (kv.ask("GET", "/greeting", "") == "good day").then_some(())
    });
    eventually("the smaller cache", || {
        (kv.ask("GET", "/cached", "") == "1").then_some(())
    });
    // From the store, as the cache holds one.
    assert_eq!(kv.ask("GET", "/key/a", ""), "a");

    kv.process.signal("TERM");
    let exit = kv.process.finish();
    assert_eq!(exit.code, Some(0), "{exit:?}");
}

#[test]
fn file_that_changes_is_taken_up_without_a_signal() {
    let kv = Kv::start("greeting = hello\ncache = 2\n");

    kv.configure("greeting = watched\ncache = 2\n");
    // Another time of change, also where the clock of files is coarse.
    let file = std::fs::File::options()
        .append(true)
        .open(&kv.config)
        .expect("the file");
    let later = SystemTime::now() + Duration::from_secs(60);
    file.set_modified(later).expect("a time can be set");

    eventually("the new greeting", || {
        (kv.ask("GET", "/greeting", "") == "watched").then_some(())
    });
    kv.process.signal("TERM");
    assert_eq!(kv.process.finish().code, Some(0));
}

#[test]
fn i47_bad_file_is_refused_and_the_old_configuration_stays() {
    let kv = Kv::start("greeting = hello\ncache = 2\n");

    for (text, expected) in [
        ("greeting good day\n", "line 1: expected `key = value`"),
        (
            "greeting = bye\ncache = 2000000\n",
            "cache = 2000000 is beyond 1000000",
        ),
    ] {
        kv.configure(text);
        kv.process.signal("HUP");
        kv.process.wait_for_error(expected);
        assert_eq!(kv.ask("GET", "/greeting", ""), "hello");
    }

    kv.process.signal("TERM");
    assert_eq!(kv.process.finish().code, Some(0));
}

#[test]
fn i45_provider_that_does_not_boot_ends_the_program_with_69() {
    let folder = TempDir::new();
    let process = start(&folder.join("absent.conf"));

    let exit = process.finish();

    assert_eq!(exit.code, Some(69), "{exit:?}");
    assert!(
        exit.stderr
            .contains("provider `cache` did not boot: cannot read"),
        "{exit:?}"
    );
}

#[test]
fn values_survive_the_program() {
    let kv = Kv::start("cache = 0\n");
    kv.ask("PUT", "/key/a", "one");
    kv.process.signal("TERM");
    assert_eq!(kv.process.finish().code, Some(0));

    let process = start(&kv.folder.join("kv.conf"));
    process.wait_for_error("running");
    let errors = process.errors();
    let address = errors
        .split("address=")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let again = Kv {
        address: address.expect("where it listens").to_owned(),
        process,
        config: kv.config,
        folder: kv.folder,
    };
    assert_eq!(again.ask("GET", "/key/a", ""), "one");
    again.process.signal("TERM");
    assert_eq!(again.process.finish().code, Some(0));
}

/// What a provider's hook does, which signals come, and the code that is to be.
#[test]
fn misbehaviour_of_a_provider_ends_as_that_of_a_hook() {
    for (does, awaited, signals, code, last) in [
        // Nothing reaches a hook that blocks its thread but the watchdog and the third signal.
        ("boot=block", "boot", &["TERM"][..], 124, "boot"),
        ("boot=block", "boot", &["INT", "INT", "INT"], 130, "boot"),
        ("boot=hang", "boot", &["TERM"], 0, "post_stop"),
        ("boot=panic", "boot", &[], 1, "post_stop"),
        ("close=block", "run", &["TERM"], 124, "close"),
        ("close=hang", "run", &["TERM"], 1, "post_stop"),
        ("close=panic", "run", &["TERM"], 1, "post_stop"),
        // A reload that does not end is a task that outlasts its time.
        ("apply=block", "run", &["HUP", "TERM"], 1, "post_stop"),
        ("apply=hang", "run", &["HUP", "TERM"], 1, "post_stop"),
        ("apply=panic", "run", &["HUP", "TERM"], 0, "post_stop"),
    ] {
        let mut process = fixture(&[does, "total=2000"]);
        process.wait_for_line(awaited);
        for signal in signals {
            process.signal(signal);
            if *signal == "HUP" {
                process.wait_for_line("apply");
            }
            pause();
        }

        let began = Instant::now();
        let exit = process.finish();

        assert_eq!(exit.code, Some(code), "{does} {signals:?}: {exit:?}");
        assert_eq!(
            exit.stdout.last().map(String::as_str),
            Some(last),
            "{does}: {exit:?}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{does}: {:?}",
            began.elapsed()
        );
    }
}

/// Longer than the time in which repeated signals count as one.
fn pause() {
    let until = Instant::now() + Duration::from_millis(260);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}
