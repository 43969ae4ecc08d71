//! A child process under test: its output, its signals, its end.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the fixture program of this package.
pub(crate) fn fixture(arguments: &[&str]) -> Process {
    Process::start(fixture_command(arguments))
}

pub(crate) fn fixture_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fixture"));
    command.args(arguments);
    command
}

/// A running child; killed when dropped.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    errors: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// How a child ended, and all it said.
#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.env_remove("RUST_BACKTRACE");
        let mut child = command.spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut stderr = child.stderr.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let text = Arc::clone(&errors);
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut chunk) {
                let chunk = String::from_utf8_lossy(&chunk[..length]);
                text.lock()
                    .expect("a reader does not panic")
                    .push_str(&chunk);
            }
        });
        Self {
            child,
            lines,
            seen: Vec::new(),
            errors,
            reader: Some(reader),
        }
    }

    /// Waits until the child has written this line to stdout.
    pub(crate) fn wait_for_line(&mut self, line: &str) {
        self.wait_for(line, |seen| seen == line);
    }

    /// Waits until the child has written a line that begins so to stdout, and returns it.
    pub(crate) fn wait_for_line_with(&mut self, beginning: &str) -> String {
        self.wait_for(beginning, |seen| seen.starts_with(beginning))
    }

    pub(crate) fn wait_for(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = self.seen.iter().find(|seen| is_it(seen)) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(seen) => self.seen.push(seen),
                Err(_) => panic!("`{what}` did not come; so far: {:?}", self.seen),
            }
        }
    }

    /// Waits until the child has written this to stderr.
    pub(crate) fn wait_for_error(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.errors().contains(what) {
            let so_far = self.errors();
            assert!(
                Instant::now() < deadline,
                "`{what}` did not come; so far: {so_far}"
            );
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    pub(crate) fn errors(&self) -> String {
        self.errors.lock().expect("a reader does not panic").clone()
    }

    /// Ends the child at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end of the child.
    pub(crate) fn finish(mut self) -> Exit {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the child does not end; it said {:?}",
                self.seen
            );
            std::thread::park_timeout(Duration::from_millis(2));
        };
        self.seen.extend(self.lines.iter());
        let reader = self.reader.take().expect("taken once");
        reader.join().expect("a reader does not panic");
        let stderr = self.errors();
        Exit {
            code: status.code(),
            signal: status.signal(),
            stdout: std::mem::take(&mut self.seen),
            stderr,
        }
    }
}

/// Sends a signal to any process.
pub(crate) fn signal(process: u32, name: &str) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).arg(process.to_string());
    assert!(kill.status().expect("kill runs").success());
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
