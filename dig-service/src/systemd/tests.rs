#![expect(
    clippy::disallowed_methods,
    reason = "the tests stand outside the service"
)]

use std::ffi::{OsStr, OsString};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::control::ServiceHandle;
use crate::lifecycle::{NodeLifecycle, RunContext};
use crate::phase::Phase;
use crate::service::Service;
use crate::shutdown::ShutdownReason;
use crate::systemd::surroundings::Surroundings;
use crate::systemd::view::Systemd;

const SECOND: Duration = Duration::from_secs(1);

struct Node;

#[async_trait::async_trait]
impl NodeLifecycle for Node {
    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        ctx.shutdown.cancelled().await;
        Ok(())
    }
}

/// A socket that plays systemd's part.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dig-notify-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, path }
    }

    /// All that has been told since the last look.
    fn heard(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let receive = || {
            let length = self.socket.recv(&mut buffer).ok()?;
            Some(String::from_utf8(buffer[..length].to_vec()).unwrap())
        };
        std::iter::from_fn(receive).collect()
    }

    fn pings(&self) -> usize {
        let heard = self.heard();
        heard.iter().filter(|text| *text == "WATCHDOG=1").count()
    }

    fn surroundings(&self, watchdog: Option<Duration>) -> Surroundings {
        Surroundings {
            socket: Some(self.path.clone().into_os_string()),
            watchdog,
        }
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

type Started = tokio::task::JoinHandle<crate::Result<crate::ExitStatus>>;

/// A service that runs in these surroundings.
async fn running(surroundings: Surroundings) -> (ServiceHandle, Started) {
    let view = Systemd::new(move || surroundings.clone());
    let service = Service::builder(Node).attach(view).build();
    let handle = service.handle();
    let started = tokio::spawn(service.start());
    let mut phase = handle.phase();
    phase.wait_for(|now| *now == Phase::Running).await.unwrap();
    (handle, started)
}

#[tokio::test(start_paused = true)]
async fn i53_watchdog_is_fed_at_half_its_time_and_only_while_heartbeats_are_fresh() {
    let manager = Manager::new();
    let (handle, started) = running(manager.surroundings(Some(10 * SECOND))).await;
    let heartbeat = handle.heartbeat("sync", 12 * SECOND);
    sleep(SECOND / 2).await;
    assert_eq!(manager.pings(), 1);
    sleep(10 * SECOND).await;
    assert_eq!(manager.pings(), 2);

    // From 12 s on it is stale: no ping at 15 s, 20 s, 25 s.
    sleep(17 * SECOND).await;
    assert_eq!(manager.pings(), 0);
    assert_eq!(handle.stale_heartbeats(), ["sync"]);

    // Fed at once, not only at the next half.
    heartbeat.beat();
    sleep(SECOND / 10).await;
    assert_eq!(manager.pings(), 1);
    drop(heartbeat);
    sleep(10 * SECOND).await;
    assert_eq!(manager.pings(), 2);

    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(started.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn i53_watchdog_is_not_fed_by_a_runtime_that_was_stuck() {
    let manager = Manager::new();
    let (handle, started) = running(manager.surroundings(Some(10 * SECOND))).await;
    sleep(SECOND).await;
    manager.heard();

    tokio::time::advance(9 * SECOND).await;
    assert_eq!(manager.heard(), [""; 0]);

    sleep(SECOND / 10).await;
    let heard = manager.heard();
    assert!(
        heard.contains(&"STATUS=heartbeat `control loop` is stale".to_owned()),
        "{heard:?}"
    );
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(started.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn life_is_told_from_ready_to_stopping() {
    let manager = Manager::new();
    let (handle, started) = running(manager.surroundings(None)).await;
    sleep(60 * SECOND).await;
    let up = [
        "STATUS=starting: pre_start",
        "STATUS=starting: start",
        "READY=1\nSTATUS=running",
    ];
    assert_eq!(manager.heard(), up);

    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(started.await.unwrap().is_ok());

    let down = [
        "STOPPING=1\nSTATUS=stopping: draining, requested by the user",
        "STATUS=stopping, requested by the user",
        "STATUS=stopping: joining, requested by the user",
        "STATUS=stopping: on_stop, requested by the user",
        "STATUS=stopping: post_stop, requested by the user",
    ];
    assert_eq!(manager.heard(), down);
}

#[tokio::test(start_paused = true)]
async fn socket_that_cannot_be_reached_or_named_fails_nothing() {
    for name in [
        "/nowhere/at/all",
        "vsock:2:1234",
        "@",
        "/",
        &format!("/{}", "x".repeat(200)),
    ] {
        let surroundings = Surroundings {
            socket: Some(OsString::from(name)),
            watchdog: Some(SECOND),
        };
        let (handle, started) = running(surroundings).await;
        sleep(5 * SECOND).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        assert!(started.await.unwrap().is_ok(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn full_socket_delays_nothing_but_the_words() {
    let manager = Manager::new();
    let flood = UnixDatagram::unbound().unwrap();
    flood.set_nonblocking(true).unwrap();
    while flood.send_to(b"flood", &manager.path).is_ok() {}
    let (handle, started) = running(manager.surroundings(Some(SECOND))).await;
    sleep(SECOND / 10).await;

    // Read in time, the words come after all.
    assert!(!manager.heard().is_empty());
    sleep(SECOND).await;
    let heard = manager.heard();
    assert!(
        heard.contains(&"READY=1\nSTATUS=running".to_owned()),
        "{heard:?}"
    );
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(started.await.unwrap().is_ok());
}

#[test]
fn surroundings_are_read_as_systemd_means_them() {
    let read = |variables: &[(&str, &str)]| {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let read = Surroundings::read(variable, 42);
        (read.socket, read.watchdog)
    };
    let socket = Some(OsStr::new("/s").to_owned());

    assert_eq!(read(&[]), (None, None));
    assert_eq!(read(&[("NOTIFY_SOCKET", "")]), (None, None));
    assert_eq!(read(&[("NOTIFY_SOCKET", "/s")]), (socket, None));
    for (usec, pid, expected) in [
        ("3000000", None, Some(3 * SECOND)),
        ("3000000", Some("42"), Some(3 * SECOND)),
        ("3000000", Some("7"), None),
        ("3000000", Some("x"), None),
        ("0", Some("42"), None),
        ("soon", None, None),
    ] {
        let mut variables = vec![("WATCHDOG_USEC", usec)];
        variables.extend(pid.map(|pid| ("WATCHDOG_PID", pid)));
        assert_eq!(read(&variables), (None, expected), "{usec} {pid:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn abstract_name_is_no_path() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    let name = format!("dig-notify-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let reader = UnixDatagram::bind_addr(&address).unwrap();
    let name = OsString::from(format!("@{name}"));
    let socket = crate::systemd::socket::NotifySocket::new(&name).unwrap();

    socket.send("READY=1").unwrap();

    let mut buffer = [0; 16];
    assert_eq!(reader.recv(&mut buffer).unwrap(), 7);
}
