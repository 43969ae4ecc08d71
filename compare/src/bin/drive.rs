//! Starts every contestant in every scenario and prints what happened as a Markdown table.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const CONTESTANTS: [&str; 6] = [
    "dig-service",
    "tokio",
    "tokio-careful",
    "tokio-graceful-shutdown",
    "taskvisor",
    "task-supervisor",
];
/// The task's destructor ran before the last step.
const IN_ORDER: &str = "in order";
/// How long a program may take to end after the last signal.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a program whose task panicked is watched, counted from its first line.
const WATCHED: Duration = Duration::from_secs(5);
/// What a program is given to have its signal handlers in place after its first line.
const SETTLE: Duration = Duration::from_millis(150);
/// The time between repeated signals.
const REPEAT: Duration = Duration::from_millis(300);

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut build = cargo(root);
    // `compare-rpc` apart: it turns on features that the others are measured without.
    build.args([
        "build",
        "--release",
        "--workspace",
        "--exclude",
        "compare-rpc",
    ]);
    assert!(build.status().expect("cargo runs").success());
    let mut rows = ROWS.map(|name| format!("| {name} |"));
    for name in CONTESTANTS {
        eprintln!("{name} ..");
        for (row, cell) in rows.iter_mut().zip(measure(root, name)) {
            *row += &format!(" {cell} |");
        }
    }
    println!("| | {} |", CONTESTANTS.join(" | "));
    println!("|---|{}", "---|".repeat(CONTESTANTS.len()));
    println!("{}", rows.join("\n"));
}

const ROWS: [&str; 9] = [
    "idle, SIGTERM (5 times)",
    "the task ignores the stop, SIGTERM (5 times)",
    "the task panics after 200 ms, no signal",
    "the task's stop handler blocks, one SIGTERM",
    "the task's stop handler blocks, three SIGINT",
    "the last step blocks, one SIGTERM",
    "the last step blocks, three SIGINT",
    "crates in the program's tree",
    "lines of the program",
];

fn measure(root: &Path, name: &str) -> [String; ROWS.len()] {
    let run = |mode| Run::start(name, mode);
    let five = |mode| five(|| run(mode).signal(Signal::TERM, 1));
    [
        five("idle"),
        five("stubborn"),
        run("panic").watch(),
        run("stuck").signal(Signal::TERM, 1).text(),
        run("stuck").signal(Signal::INT, 3).text(),
        run("hang").signal(Signal::TERM, 1).text(),
        run("hang").signal(Signal::INT, 3).text(),
        crates(root, name).to_string(),
        lines(root, name).to_string(),
    ]
}

/// The median of five ends, and in how many of them the order was kept.
fn five(run: impl Fn() -> End) -> String {
    let mut ends: Vec<_> = (0..5).map(|_| run()).collect();
    ends.sort_by_key(|end| end.took);
    let kept = ends.iter().filter(|end| end.text().ends_with(IN_ORDER));
    let kept = kept.count();
    match kept {
        5 => ends[2].text(),
        _ => format!("{}, {IN_ORDER} {kept} of 5 times", ends[2].took_and_code()),
    }
}

fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// A program that runs, past its first line.
struct Run {
    child: Child,
    pid: Pid,
    lines: Receiver<String>,
    ready: Instant,
}

/// How a program ended.
struct End {
    took: Duration,
    /// `None`: it had to be killed.
    status: Option<ExitStatus>,
    lines: Vec<String>,
}

impl Run {
    fn start(name: &str, mode: &str) -> Self {
        let mut program = std::env::current_exe().expect("a path");
        program.set_file_name(format!("with-{name}"));
        let mut child = Command::new(program)
            .arg(mode)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the contestant was built");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        assert_eq!(lines.recv().as_deref(), Ok("ready"), "{name} {mode}");
        let (pid, ready) = (Pid::from_child(&child), Instant::now());
        Self {
            child,
            pid,
            lines,
            ready,
        }
    }

    /// Sends a signal some times and waits for the end; the time counts from the first one.
    fn signal(self, signal: Signal, times: u32) -> End {
        sleep(SETTLE);
        let sent = Instant::now();
        let pid = self.pid;
        kill_process(pid, signal).expect("it runs");
        let repeats = thread::spawn(move || {
            for _ in 1..times {
                sleep(REPEAT);
                // It may be over by now; its process id is not reused that soon.
                let _ = kill_process(pid, signal);
            }
        });
        let end = self.end(sent, PATIENCE);
        repeats.join().expect("no panic");
        end
    }

    /// Waits for the end; kills the program when its time is over.
    fn end(mut self, since: Instant, patience: Duration) -> End {
        let (over, is_over) = channel::<()>();
        let pid = self.pid;
        let killer = thread::spawn(move || {
            let is_late = is_over.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
            if is_late {
                kill_process(pid, Signal::KILL).expect("it runs");
            }
            is_late
        });
        let status = self.child.wait().expect("it was started");
        let took = since.elapsed();
        drop(over);
        let is_killed = killer.join().expect("no panic");
        End {
            took,
            status: (!is_killed).then_some(status),
            lines: self.lines.iter().collect(),
        }
    }

    /// Tells what a program makes of its task's panic.
    fn watch(self) -> String {
        let since = self.ready;
        let end = self.end(since, WATCHED);
        let starts = end.lines.iter().filter(|line| *line == "ready").count();
        match (end.status, starts) {
            (Some(status), 0) => format!("ends after {}, {}", time(end.took), code(status)),
            (Some(status), n) => {
                let took = time(end.took);
                format!("restarted {n} times, ends after {took}, {}", code(status))
            }
            (None, 0) => "goes on without the task".to_owned(),
            (None, n) => format!("restarted {n} times in {WATCHED:?}"),
        }
    }
}

impl End {
    fn text(&self) -> String {
        if self.status.is_none() {
            return self.took_and_code();
        }
        let at = |what| self.lines.iter().position(|line| line == what);
        let order = match (at("dropped"), at("closed")) {
            (Some(dropped), Some(closed)) if dropped < closed => IN_ORDER,
            (Some(_), Some(_)) => "last step before destructor",
            (Some(_), None) => "no last step",
            (None, Some(_)) => "no destructor",
            (None, None) => "neither",
        };
        format!("{}, {order}", self.took_and_code())
    }

    fn took_and_code(&self) -> String {
        match self.status {
            Some(status) => format!("{}, {}", time(self.took), code(status)),
            None => format!("killed after {PATIENCE:?}"),
        }
    }
}

fn code(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("code {code}"),
        (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
    }
}

fn time(took: Duration) -> String {
    if took < Duration::from_millis(100) {
        format!("{:.1} ms", took.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", took.as_secs_f64())
    }
}

/// The crates that the program is built from, without itself and `common`.
fn crates(root: &Path, name: &str) -> usize {
    let package = format!("with-{name}");
    let mut cargo = cargo(root);
    cargo.args(["tree", "-e", "normal", "--prefix", "none", "-p", &package]);
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "cargo tree -p {package}");
    let tree = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let crates: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    crates.len() - 2
}

/// The lines of the program that are neither empty nor a comment.
fn lines(root: &Path, name: &str) -> usize {
    let path: PathBuf = root.join(format!("with-{name}/src/main.rs"));
    let text = std::fs::read_to_string(path).expect("a source file");
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    text.lines().map(str::trim).filter(is_code).count()
}
