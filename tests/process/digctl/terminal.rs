//! `digctl top` on a terminal of its own: what it shows, what its keys do.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::Live;
use crate::support::{PATIENCE, eventually};

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

/// A program on a terminal of its own.
struct Terminal {
    child: Child,
    master: File,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    fn start(mut command: Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("a terminal");
        unlockpt(&master).expect("a terminal");
        let name = ptsname(&master, Vec::new()).expect("a terminal");
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let slave = File::from(slave.expect("a terminal"));
        let size = Winsize {
            ws_row: ROWS,
            ws_col: COLUMNS,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).expect("a terminal");
        let ends = [slave.try_clone(), slave.try_clone(), slave.try_clone()];
        let [stdin, stdout, stderr] = ends.map(|end| Stdio::from(end.expect("a terminal")));
        command.stdin(stdin).stdout(stdout).stderr(stderr);
        let child = command.spawn().expect("digctl runs");
        let master = File::from(master);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, held) = (master.try_clone().expect("a terminal"), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            // An error is how the end of the other side is told.
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                held.lock()
                    .expect("no panic")
                    .extend_from_slice(&chunk[..count]);
            }
        });
        Self {
            child,
            master,
            seen,
        }
    }

    fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// What is on the screen.
    fn text(&self) -> String {
        let seen = self.seen.lock().expect("no panic");
        let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        screen.process(&seen);
        screen.screen().contents()
    }

    fn shows(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().contains(what) {
            let screen = self.text();
            assert!(
                Instant::now() < deadline,
                "`{what}` is not on the screen:\n{screen}"
            );
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    fn finish(mut self) -> Option<i32> {
        eventually("the end of digctl", || {
            self.child.try_wait().expect("a child")
        })
        .code()
    }
}

#[test]
fn top_shows_the_service_and_acts_on_keys() {
    let live = Live::calm();
    let mut terminal = Terminal::start(live.command(&["top", "--every", "100"]));
    terminal.shows("supervised");
    terminal.shows("/market/candles");
    terminal.shows("q quit");
    terminal.shows("children");
    terminal.shows("background_loop");
    live.wait_for("/flapping", "quarantined");
    terminal.shows("quarantined");
    terminal.shows("ChildQuarantined");

    // `/compact` is the last of six.
    terminal.press("jjjjjj");
    terminal.press("p");
    live.wait_for("/compact", "paused");
    terminal.shows("paused");
    terminal.press("p");
    live.wait_for("/compact", "running");
    terminal.press("d");
    terminal.shows("remove_child for /compact? y to confirm");
    terminal.press("n");
    terminal.press("S");
    terminal.shows("request_shutdown for the service? y to confirm");
    terminal.press("q");
    // Not confirmed: nothing was done, and the key was only the answer.
    live.wait_for("/compact", "running");
    terminal.press("q");
    assert_eq!(terminal.finish(), Some(0));

    let mut terminal = Terminal::start(live.command(&["top"]));
    terminal.shows("q quit");
    // Control and a letter are not the letter: nothing is restarted, and Ctrl-C is the end.
    terminal.press("\u{12}\u{3}");
    assert_eq!(terminal.finish(), Some(0));
    let state = live.ask(&["status", "--json"]).json();
    assert_eq!(state["runtime_state"][0]["generation"], 1);

    let mut terminal = Terminal::start(live.command(&["top"]));
    terminal.shows("q quit");
    terminal.press("S");
    terminal.shows("y to confirm");
    terminal.press("y");
    assert_eq!(terminal.finish(), Some(0), "it ends with the service");
    assert!(live.finish().code.is_some());
}

#[test]
fn dangerous_command_on_a_terminal_is_asked_for() {
    let live = Live::calm();
    let mut terminal = Terminal::start(live.command(&["remove", "/compact", "-r", "a test"]));
    terminal.shows("remove_child for child `/compact` on supervised? [y/N]");
    terminal.press("n\n");
    terminal.shows("not confirmed; nothing was done");
    assert_eq!(terminal.finish(), Some(2));
    live.wait_for("/compact", "running");

    let mut terminal = Terminal::start(live.command(&["remove", "/compact", "-r", "a test"]));
    terminal.shows("[y/N]");
    terminal.press("y\n");
    terminal.shows("completed: /compact");
    assert_eq!(terminal.finish(), Some(0));
}
