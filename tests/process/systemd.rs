//! What systemd hears of a real process.

use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use crate::child::{Process, fixture_command};
use crate::support::{PATIENCE, TempDir, eventually};

/// Half of the watchdog's time, in the tests that have one.
const HALF: Duration = Duration::from_millis(100);

/// A socket that plays systemd's part.
struct Manager {
    socket: UnixDatagram,
    name: String,
    _folder: Option<TempDir>,
}

impl Manager {
    fn new() -> Self {
        let folder = TempDir::new();
        let name = folder.join("notify");
        let socket = UnixDatagram::bind(&name).expect("a socket");
        Self {
            socket,
            name,
            _folder: Some(folder),
        }
    }

    #[cfg(target_os = "linux")]
    fn with_abstract_name() -> Self {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::SocketAddr;

        let name = format!("dig-service-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a short name");
        Self {
            socket: UnixDatagram::bind_addr(&address).expect("a socket"),
            name: format!("@{name}"),
            _folder: None,
        }
    }

    /// The fixture, as a unit of this manager.
    fn unit(&self, arguments: &[&str]) -> Command {
        let mut command = unmanaged(arguments);
        command.env("NOTIFY_SOCKET", &self.name);
        command
    }

    /// The next datagram within a time.
    fn hear(&self, patience: Duration) -> Option<String> {
        let mut buffer = [0; 4096];
        let timeout = self.socket.set_read_timeout(Some(patience));
        timeout.expect("a timeout that is not zero");
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..length].to_vec()).expect("UTF-8"))
    }

    /// Hears up to the datagram that begins so, and returns it and all before.
    fn hear_until(&self, beginning: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let Some(text) = self.hear(PATIENCE) else {
                panic!("`{beginning}` did not come; so far: {heard:?}");
            };
            let is_last = text.starts_with(beginning);
            heard.push(text);
            if is_last {
                return heard;
            }
        }
    }

    /// What is left in the socket.
    fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.hear(Duration::from_millis(1))).collect()
    }
}

/// The fixture with the view, without what the test's own surroundings may say.
fn unmanaged(arguments: &[&str]) -> Command {
    let mut command = fixture_command(arguments);
    command.arg("systemd=on");
    for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
        command.env_remove(variable);
    }
    command
}

fn from_ready_to_stopping(manager: &Manager) {
    let process = Process::start(manager.unit(&[]));
    let up = manager.hear_until("READY=1\n");
    process.signal("TERM");
    let exit = process.finish();
    let down = manager.rest();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    let expected = [
        "STATUS=starting: pre_start",
        "STATUS=starting: start",
        "READY=1\nSTATUS=running",
    ];
    assert_eq!(up, expected);
    let first = "STOPPING=1\nSTATUS=stopping: draining, requested by the user";
    assert_eq!(down.first().map(String::as_str), Some(first), "{down:?}");
    let last = "STATUS=stopping: post_stop, requested by the user";
    assert_eq!(down.last().map(String::as_str), Some(last), "{down:?}");
    let stops = down.iter().filter(|text| text.contains("STOPPING"));
    assert_eq!(stops.count(), 1, "{down:?}");
}

#[test]
fn systemd_hears_ready_status_and_stopping_in_order() {
    from_ready_to_stopping(&Manager::new());
}

#[cfg(target_os = "linux")]
#[test]
fn systemd_is_told_through_an_abstract_socket() {
    from_ready_to_stopping(&Manager::with_abstract_name());
}

#[test]
fn systemd_is_told_nothing_without_the_variable_and_a_missing_socket_fails_nothing() {
    let manager = Manager::new();
    for socket in [None, Some("/nowhere/at/all")] {
        let mut command = unmanaged(&[]);
        command.env("WATCHDOG_USEC", "100000");
        command.envs(socket.map(|socket| ("NOTIFY_SOCKET", socket)));
        let mut process = Process::start(command);
        process.wait_for_line("run");
        process.signal("TERM");

        let exit = process.finish();

        assert_eq!((exit.code, exit.stderr.as_str()), (Some(0), ""), "{exit:?}");
        assert_eq!(manager.rest(), [""; 0]);
    }
}

#[test]
fn failed_start_is_never_ready_for_systemd() {
    let manager = Manager::new();

    let exit = Process::start(manager.unit(&["on_start=err"])).finish();

    assert_eq!(exit.code, Some(1), "{exit:?}");
    let heard = manager.rest();
    assert!(
        !heard.iter().any(|text| text.contains("READY")),
        "{heard:?}"
    );
    assert!(
        heard.iter().any(|text| text.starts_with("STOPPING=1")),
        "{heard:?}"
    );
}

#[test]
fn i53_watchdog_pings_stop_with_a_stale_heartbeat_and_come_back_with_it() {
    let manager = Manager::new();
    let folder = TempDir::new();
    let file = folder.join("beating");
    let create = || std::fs::write(&file, "").expect("a file");
    create();
    let mut command = manager.unit(&[&format!("beat={file}")]);
    command.env("WATCHDOG_USEC", (2 * HALF).as_micros().to_string());
    let mut process = Process::start(command);
    for _ in 0..3 {
        manager.hear_until("WATCHDOG=1");
    }

    std::fs::remove_file(&file).expect("the file");
    process.wait_for_line("beat is stale");
    manager.hear_until("STATUS=heartbeat `beat` is stale");
    // Silence is what is tested: several times the interval between two pings.
    eventually("the pings to end", || {
        manager.hear(6 * HALF).is_none().then_some(())
    });

    create();
    process.wait_for_line("beat is back");
    manager.hear_until("WATCHDOG=1");
    process.signal("TERM");
    assert_eq!(process.finish().code, Some(0));
}

#[test]
fn watchdog_that_is_meant_for_another_process_is_not_fed() {
    let manager = Manager::new();
    let mut command = manager.unit(&[]);
    command
        .env("WATCHDOG_USEC", "20000")
        .env("WATCHDOG_PID", "1");
    let process = Process::start(command);
    manager.hear_until("READY=1\n");
    process.signal("TERM");

    assert_eq!(process.finish().code, Some(0));
    let heard = manager.rest();
    assert!(
        !heard.iter().any(|text| text.contains("WATCHDOG")),
        "{heard:?}"
    );
}

#[test]
fn i30_progress_extends_the_supervisors_time_on_the_way_up_and_down() {
    let manager = Manager::new();
    let process = Process::start(manager.unit(&["on_start=progress", "on_stop=progress"]));
    let up = manager.hear_until("READY=1\n");
    process.signal("TERM");
    let exit = process.finish();
    let down = manager.rest();

    assert_eq!(exit.code, Some(0), "{exit:?}");
    // On the way up nothing of ours bounds the hook: a step, and a second.
    let first = up.iter().find(|text| text.contains("part 1"));
    let expected = "EXTEND_TIMEOUT_USEC=6000000\nSTATUS=part 1";
    assert_eq!(first.map(String::as_str), Some(expected), "{up:?}");
    // On the way down, what is left of the total of 25 s.
    let extensions = down
        .iter()
        .filter_map(|text| text.strip_prefix("EXTEND_TIMEOUT_USEC="));
    let micros: Vec<u64> = extensions
        .filter_map(|rest| rest.lines().next()?.parse().ok())
        .collect();
    let range = 10_000_000..26_000_000;
    assert!(!micros.is_empty(), "{down:?}");
    assert!(micros.iter().all(|m| range.contains(m)), "{down:?}");
}
