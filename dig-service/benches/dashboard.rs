//! What it costs to look: the round trip of `state` over the socket, beside the echo of a line.
//!
//! Both ends live on one thread, so that no wake-up of another is measured, which costs far more
//! than either. `cargo bench -p dig-service --features dashboard --bench dashboard` prints the lines of
//! `docs/performance.md`; with `-- --check` it fails if a budget is missed.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures real time and shows it; what fails here is a bug of its own"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dig_service::dashboard::DashboardIpcConfig;
use dig_service::supervisor::{ChildPhase, ChildSpec, Supervisor};
use dig_service::{NodeLifecycle, Phase, Service, ServiceHandle, ShutdownReason};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Builder, Runtime};

const ROUNDS: usize = 2_000;

struct Node;

impl NodeLifecycle for Node {}

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("dig-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The median round trip of a line, and how many bytes came back.
async fn round_trips(path: &Path, line: &[u8], rounds: usize) -> (Duration, usize) {
    let mut stream = UnixStream::connect(path).await.expect("a listener");
    let (mut answer, mut times) = (vec![0; 4 << 20], Vec::with_capacity(rounds));
    let mut bytes = 0;
    for round in 0..rounds + rounds / 10 {
        let began = Instant::now();
        stream.write_all(line).await.expect("the server reads");
        bytes = 0;
        while bytes == 0 || answer[bytes - 1] != b'\n' {
            bytes += stream
                .read(&mut answer[bytes..])
                .await
                .expect("the server answers");
        }
        if round >= rounds / 10 {
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    (times[times.len() / 2], bytes)
}

/// The cheapest server there is: reads a line of JSON, and writes it back.
fn echo() -> Duration {
    let (runtime, path) = (runtime(), folder().join("echo.sock"));
    let entered = runtime.enter();
    let listener = UnixListener::bind(&path).expect("a socket");
    runtime.spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            let answer = format!("{value}\n");
            write
                .write_all(answer.as_bytes())
                .await
                .expect("the client reads");
        }
    });
    drop(entered);
    let line = b"{\"request_id\":\"r\",\"method\":\"state\"}\n";
    let (median, _) = runtime.block_on(round_trips(&path, line, ROUNDS));
    std::fs::remove_file(&path).expect("a file");
    median
}

/// The round trip of `state` with so many children.
fn state(children: usize) -> (Duration, usize) {
    let path = folder().join("state.sock");
    let mut config = DashboardIpcConfig::new("bench", &path);
    config.requests_per_second = u32::MAX;
    config.request_burst = u32::MAX;
    let tree = (0..children).fold(Supervisor::new(), |tree, number| {
        tree.child(ChildSpec::factory(
            format!("child-{number}"),
            |cx| async move {
                cx.shutdown.cancelled().await;
                Ok(())
            },
        ))
    });
    let service = Service::builder(Node)
        .supervisor(tree)
        .dashboard(config)
        .build();
    let (runtime, handle) = (runtime(), service.handle());
    let ended = runtime.spawn(service.start());
    runtime.block_on(running(&handle, children));
    let rounds = (ROUNDS * 10 / children.max(1)).clamp(200, ROUNDS);
    let line = b"{\"request_id\":\"r\",\"method\":\"state\"}\n";
    let measured = runtime.block_on(round_trips(&path, line, rounds));
    handle.request_shutdown(ShutdownReason::UserRequested);
    let ended = runtime.block_on(ended).expect("a service");
    assert!(ended.is_ok(), "{ended:?}");
    measured
}

async fn running(handle: &ServiceHandle, children: usize) {
    let mut phase = handle.phase();
    let running = phase.wait_for(|phase| *phase == Phase::Running);
    running.await.expect("a service");
    let last = format!("/child-{}", children - 1);
    let waited = handle
        .supervisor()
        .wait_for(&last, ChildPhase::Running)
        .await;
    waited.expect("a child");
}

fn main() -> ExitCode {
    let is_checked = std::env::args().any(|argument| argument == "--check");
    println!("round trip over the socket, median");
    let echo = echo();
    println!(
        "  a line of JSON, read and written back   {:>8.1} us",
        micros(echo)
    );
    let mut is_kept = true;
    for (children, budget) in [(10, 15.0), (1_000, 1_000.0)] {
        let (took, bytes) = state(children);
        let kept = micros(took) <= budget;
        is_kept &= kept;
        let mark = if kept { "" } else { "  MISSED" };
        println!(
            "  state of {children:>5} children, {:>6.1} KiB       {:>8.1} us   (budget {budget} us){mark}",
            bytes as f64 / 1024.0,
            micros(took)
        );
    }
    let _ = std::fs::remove_dir_all(folder());
    if is_checked && !is_kept {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}
