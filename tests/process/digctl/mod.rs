//! `digctl` against a live `supervised`: each subcommand, its JSON, its exit codes.

mod ends;
mod follow;
mod terminal;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::child::{Exit, Process};
use crate::support::{TempDir, digctl, eventually, example};

/// A program with a socket, running.
struct Live {
    process: Process,
    folder: TempDir,
}

/// What a call said, and how it ended.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).expect("one line of JSON")
    }
}

impl Live {
    fn start() -> Self {
        let folder = TempDir::new();
        let mut command = Command::new(example("supervised"));
        command.args(["--escalate", "--every", "60000", "--dashboard"]);
        command.arg(folder.join("s.sock"));
        Self::of(command, folder)
    }

    /// Without the child that is given up for good.
    fn calm() -> Self {
        let folder = TempDir::new();
        let mut command = Command::new(example("supervised"));
        command.args(["--log", "--every", "60000", "--seed", "7", "--dashboard"]);
        command.arg(folder.join("s.sock"));
        Self::of(command, folder)
    }

    fn of(command: Command, folder: TempDir) -> Self {
        let process = Process::start(command);
        let live = Self { process, folder };
        eventually("the service runs", || {
            let said = live.ask(&["status", "--json"]);
            (said.code == Some(0) && said.json()["service"]["phase"] == "running").then_some(())
        });
        live
    }

    fn socket(&self) -> String {
        self.folder.join("s.sock")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(digctl());
        command.arg("--socket").arg(self.socket()).args(arguments);
        command.stdin(Stdio::null()).env("USER", "alice");
        command
    }

    fn ask(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(arguments).output().expect("digctl runs"))
    }

    /// Waits until a child is in a phase.
    fn wait_for(&self, path: &str, phase: &str) {
        eventually(&format!("{path} is {phase}"), || {
            let state = self.ask(&["status", "--json"]).json();
            let mut all = state["runtime_state"].as_array()?.iter();
            let child = all.find(|child| child["child_path"] == path)?;
            (child["lifecycle_state"] == phase).then_some(())
        });
    }

    fn finish(self) -> Exit {
        self.process.finish()
    }
}

#[test]
fn status_is_a_table_for_people_and_json_for_machines() {
    let live = Live::calm();
    live.wait_for("/flapping", "quarantined");

    let table = live.ask(&["status"]);
    assert_eq!(table.code, Some(0), "{table:?}");
    let lines: Vec<_> = table.stdout.lines().collect();
    assert!(
        lines[0].starts_with("supervised (supervised): running, up "),
        "{table:?}"
    );
    let heads = [
        "CHILD", "STATE", "HEALTH", "GEN", "STARTS", "RESTARTS", "LAST", "FAILURE",
    ];
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), heads);
    let flapping = lines
        .iter()
        .find(|line| line.starts_with("/flapping"))
        .expect("a row");
    let cells: Vec<_> = flapping.split_whitespace().collect();
    assert_eq!(cells[1..6], ["quarantined", "unknown", "1", "6", "5"]);
    assert!(
        flapping.ends_with("attempt 6 found nobody there"),
        "{flapping}"
    );
    assert!(!table.stdout.contains('\u{1b}'), "colours on no terminal");
    let json = live.ask(&["status", "--json"]).json();
    assert_eq!(json["target"]["target_id"], "supervised");
    assert_eq!(json["runtime_state"].as_array().map(Vec::len), Some(6));
}

#[test]
fn tasks_and_why_say_what_runs_and_what_holds_up() {
    let live = Live::calm();

    let tasks = live.ask(&["tasks"]);
    assert_eq!(tasks.code, Some(0));
    assert!(tasks.stdout.starts_with("ID "), "{tasks:?}");
    assert!(tasks.stdout.contains("run "), "{tasks:?}");
    let json = live.ask(&["tasks", "--json"]).json();
    assert!(json["counts"]["live"].as_u64().is_some_and(|live| live > 3));
    let why = live.ask(&["why"]);
    assert_eq!(
        (why.code, &*why.stdout),
        (Some(0), "running; nobody has asked it to stop\n")
    );
    assert_eq!(live.ask(&["why", "--json"]).json()["phase"], "running");
}

#[test]
fn child_commands_do_what_they_say_and_tell_who_asked() {
    let live = Live::calm();
    for (command, phase) in [
        ("pause", "paused"),
        ("resume", "running"),
        ("quarantine", "quarantined"),
        ("resume", "running"),
        ("restart", "running"),
    ] {
        let said = live.ask(&[command, "/compact", "--reason", "a test"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.stdout.starts_with("completed: /compact "), "{said:?}");
        live.wait_for("/compact", phase);
    }
    let json = live
        .ask(&["pause", "compact", "-r", "a test", "--json", "--by", "bob"])
        .json();
    assert_eq!(
        (&json["accepted"], &json["status"]),
        (&true.into(), &"completed".into())
    );
    let events = live.ask(&["events", "--json"]);
    let command = events
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|event| event["event_type"] == "ChildCommand");
    let by: Vec<_> = command
        .map(|event| event["payload"]["requested_by"].clone())
        .collect();
    assert_eq!(by, ["alice", "alice", "alice", "alice", "alice", "bob"]);

    let unknown = live.ask(&["restart", "nobody", "-r", "a test"]);
    assert_eq!((unknown.code, &*unknown.stdout), (Some(1), "failed\n"));
    assert!(
        unknown.stderr.contains("there is no child `nobody`"),
        "{unknown:?}"
    );
    let json = live.ask(&["restart", "nobody", "-r", "a test", "--json"]);
    assert_eq!(
        (json.code, &json.json()["accepted"]),
        (Some(1), &false.into())
    );
    let blank = live.ask(&["restart", "compact", "-r", " "]);
    assert_eq!(blank.code, Some(4), "{blank:?}");
    assert!(
        blank.stderr.contains("command reason must not be empty"),
        "{blank:?}"
    );
    let bare = live.ask(&["restart", "compact"]);
    assert_eq!(bare.code, Some(2), "{bare:?}");
}

#[test]
fn dangerous_commands_are_confirmed_or_not_done() {
    let live = Live::calm();
    let file = PathBuf::from(live.folder.join("late.yaml"));
    std::fs::write(&file, "name: late\nfactory_key: counter\n").expect("a file");
    let file = file.to_str().expect("a plain path");

    for arguments in [
        &["add", file, "-r", "x"][..],
        &["remove", "/compact", "-r", "x"],
        &["shutdown-tree", "-r", "x"],
        &["stop", "-r", "x"],
    ] {
        let said = live.ask(arguments);
        assert_eq!((said.code, &*said.stdout), (Some(2), ""), "{said:?}");
        assert!(
            said.stderr.contains("is dangerous; confirm it with --yes"),
            "{said:?}"
        );
    }

    let added = live.ask(&["add", file, "-r", "x", "--yes"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    live.wait_for("/late", "running");
    let twice = live.ask(&["add", file, "-r", "x", "--yes", "--json"]);
    assert_eq!(twice.code, Some(1));
    assert_eq!(
        twice.json()["error"]["message"],
        "two children are called `late`; names are unique among siblings"
    );
    let removed = live.ask(&["remove", "late", "-r", "x", "--yes"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let absent = live.ask(&["add", "/no/such/file", "-r", "x", "--yes"]);
    assert_eq!(absent.code, Some(2), "{absent:?}");
    let reload = live.ask(&["reload", "-r", "x"]);
    assert_eq!(reload.code, Some(1), "{reload:?}");
    assert!(
        reload.stderr.contains("nothing to reload in place"),
        "{reload:?}"
    );
    let tree = live.ask(&["shutdown-tree", "-r", "x", "--yes"]);
    assert!(tree.stdout.contains("\"took_millis\""), "{tree:?}");
    live.wait_for("/compact", "stopped");
}

#[test]
fn completions_and_usage_need_no_service() {
    let call = |arguments: &[&str]| {
        let mut command = Command::new(digctl());
        command.args(arguments).env_remove("DIGCTL_SOCKET");
        Said::of(&command.output().expect("digctl runs"))
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = call(&["completions", shell]);
        assert_eq!(said.code, Some(0));
        assert!(said.stdout.contains("quarantine"), "{shell}");
    }
    let nowhere = call(&["status"]);
    assert_eq!(nowhere.code, Some(2));
    assert!(
        nowhere.stderr.contains("--socket PATH or DIGCTL_SOCKET"),
        "{nowhere:?}"
    );
    assert_eq!(call(&["fly"]).code, Some(2));
    let help = call(&["--help"]);
    assert!(help.stdout.contains("Exit codes: 0 done"), "{help:?}");
}

#[test]
fn socket_may_be_named_by_the_surroundings() {
    let live = Live::start();
    let mut command = Command::new(digctl());
    command.arg("why").env("DIGCTL_SOCKET", live.socket());
    let said = Said::of(&command.output().expect("digctl runs"));
    assert_eq!(said.code, Some(0), "{said:?}");
    // The flapping child is given up, and takes the service with it.
    assert_eq!(live.finish().code, Some(70));
}
