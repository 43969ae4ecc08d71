//! A server in a process of its own, and the CPU time it has used.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::contestant::Contestant;

/// A server that listens.
pub struct Server {
    pub contestant: Contestant,
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts this program as a server and waits for its address.
    pub fn start(contestant: Contestant) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", contestant.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("stdout is a pipe")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().parse().context("no address was printed")?;
        Ok(Self {
            contestant,
            address,
            child,
        })
    }

    /// The CPU time of the server so far.
    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        Cpu::of(self.child.id())
    }

    /// Closes the server's stdin and waits for its end.
    pub fn stop(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    /// A server also ends when the parent does; this is for those that hang.
    fn drop(&mut self) {
        // It has ended already if it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The nanoseconds that each thread of a process has been on a core, in the kernel or not.
///
/// `/proc/PID/stat` has the sum, but in ticks of 10 ms.
pub struct Cpu(HashMap<u32, u64>);

impl Cpu {
    fn of(pid: u32) -> anyhow::Result<Self> {
        let mut threads = HashMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let thread = name.and_then(|name| name.parse().ok());
            let text = fs::read_to_string(path.join("schedstat"))?;
            let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
            let (thread, nanos) = thread.zip(nanos).context("schedstat of a thread")?;
            threads.insert(thread, nanos);
        }
        Ok(Self(threads))
    }

    /// The time used since an earlier reading.
    pub fn since(&self, before: &Self) -> anyhow::Result<Duration> {
        // The time of a thread that has ended is in no reading any more.
        let is_whole = before.0.keys().all(|thread| self.0.contains_key(thread));
        ensure!(is_whole, "a thread of the server ended during a round");
        let used = self.0.iter().map(|(thread, now)| {
            let then = before.0.get(thread).copied().unwrap_or_default();
            now.saturating_sub(then)
        });
        Ok(Duration::from_nanos(used.sum()))
    }
}
