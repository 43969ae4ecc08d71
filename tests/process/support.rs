//! What tests of whole programs need: the examples, built; folders and ports of their own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take before the test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program of an example, built in the profile of this test.
pub(crate) fn example(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(build_examples);
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The operator's command line.
pub(crate) fn digctl() -> PathBuf {
    let examples = example("digctl");
    let profile = examples.ancestors().nth(2).expect("a profile's folder");
    profile.join(format!("digctl{}", std::env::consts::EXE_SUFFIX))
}

/// Builds all examples and programs (nothing happens when they are fresh) and returns where they are.
fn build_examples() -> PathBuf {
    // target/PROFILE/deps/process-HASH
    let test = std::env::current_exe().expect("this program");
    let profile = test.ancestors().nth(2).expect("a profile's folder");
    let target = profile.parent().expect("a target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--all-features",
            "--examples",
            "--bins",
        ])
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace());
    match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => {}
        Some(name) => {
            cargo.args(["--profile", name]);
        }
    }
    assert!(cargo.status().expect("cargo runs").success());
    profile.join("examples")
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("a folder of the workspace")
}

/// A folder of the test's own, removed when dropped.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dig-service-process-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it, as an argument.
    pub(crate) fn join(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a plain path").to_owned()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A port for a program that has to come back to it. Not one of those that the system gives to
/// whoever asks for port 0, so nobody takes it meanwhile.
pub(crate) fn fixed_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = u16::try_from(std::process::id() % 600).expect("a small number") * 16;
    loop {
        let port = 20_000 + spread + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Polls until there is something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
