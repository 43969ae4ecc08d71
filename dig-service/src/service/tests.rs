//! The table of `start` outcomes, hook by hook.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests stand outside the service"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::control::ServiceHandle;
use crate::error::ServiceError;
use crate::event::EventKind;
use crate::lifecycle::{Deadlines, NodeLifecycle, RunContext, StartContext, StopContext};
use crate::phase::Phase;
use crate::service::Service;
use crate::shutdown::{ExitReason, ExitStatus, ShutdownReason};
use crate::tasks::TaskKind;

mod attached;
mod odd;
mod outcomes;
mod progress;
mod report;
mod stop;
mod tasks;

type Log = Arc<Mutex<Vec<String>>>;

/// What a hook of the [`Probe`] does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Does {
    #[default]
    Ok,
    Fail,
    Panic,
    /// Waits for ever.
    Hang,
    /// Asks for the stop, then returns `Ok`.
    StopThenOk,
    /// Asks for the stop, then fails.
    StopThenFail,
    /// Asks for the stop, then waits for ever.
    StopThenHang,
    /// Returns a future whose destructor panics.
    PanicInDrop,
}

/// A node that writes down which hooks ran, and does in each what it is told.
#[derive(Default)]
struct Probe {
    log: Log,
    pre_start: Does,
    on_start: Does,
    run: Does,
    on_stop: Does,
    post_stop: Does,
    cleanup: Does,
}

/// Writes to the log when dropped.
struct Dropped(Log, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(format!("{} dropped", self.1));
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

impl Probe {
    fn write(&self, text: impl Into<String>) {
        self.log.lock().unwrap().push(text.into());
    }

    async fn act(
        &self,
        hook: &'static str,
        does: Does,
        token: &crate::ShutdownToken,
    ) -> anyhow::Result<()> {
        self.write(hook);
        match does {
            Does::Ok => return Ok(()),
            Does::Fail => {}
            Does::Panic => panic!("{hook} panics"),
            Does::Hang => hang(&self.log, hook).await,
            Does::StopThenOk => {
                token.cancel(ShutdownReason::UserRequested);
                return Ok(());
            }
            Does::StopThenFail => {
                token.cancel(ShutdownReason::UserRequested);
            }
            Does::StopThenHang => {
                token.cancel(ShutdownReason::UserRequested);
                hang(&self.log, hook).await;
            }
            Does::PanicInDrop => {
                let _bomb = PanicsWhenDropped;
                return Ok(());
            }
        }
        anyhow::bail!("{hook} fails")
    }
}

async fn hang(log: &Log, hook: &'static str) {
    let _dropped = Dropped(Arc::clone(log), hook);
    std::future::pending::<()>().await;
}

#[async_trait]
impl NodeLifecycle for Probe {
    const NAME: Option<&'static str> = Some("probe");

    async fn pre_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        assert_eq!(ctx.name, "probe");
        self.act("pre_start", self.pre_start, &ctx.shutdown).await
    }

    async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        self.act("on_start", self.on_start, &ctx.shutdown).await
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        self.act("run", self.run, &ctx.shutdown).await
    }

    async fn on_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        self.write(format!("reason {:?}", ctx.exit_reason));
        self.act("on_stop", self.on_stop, &ctx.shutdown).await
    }

    async fn post_stop(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        self.write(format!("reason {:?}", ctx.exit_reason));
        self.act("post_stop", self.post_stop, &ctx.shutdown).await
    }

    async fn cleanup(&self, ctx: &StopContext<'_>) -> anyhow::Result<()> {
        self.act("cleanup", self.cleanup, &ctx.shutdown).await
    }
}

/// Runs a probe; gives the hooks that ran, and the outcome as text.
async fn live(probe: Probe) -> (Vec<String>, String) {
    let log = Arc::clone(&probe.log);
    let result = Service::new(probe, (), ()).start().await;
    let hooks = log
        .lock()
        .unwrap()
        .iter()
        .filter(|line| !line.starts_with("reason"))
        .cloned()
        .collect();
    (hooks, describe(result))
}

fn describe(result: crate::Result<ExitStatus>) -> String {
    match result {
        Ok(status) => format!("{:?}", status.reason),
        Err(error) => {
            let causes = anyhow::Chain::new(&error).map(ToString::to_string);
            causes.collect::<Vec<_>>().join(": ")
        }
    }
}

/// Waits for a phase of a service that runs elsewhere.
async fn reach(handle: &ServiceHandle, phase: Phase) {
    handle.phase().wait_for(|now| *now >= phase).await.unwrap();
}
