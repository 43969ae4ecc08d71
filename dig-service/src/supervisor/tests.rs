//! Supervisors that run, on a paused clock.

mod behaviour;
mod commands;
mod delays;
mod hostile;
mod periodic;
mod shutdown;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::supervisor::*;
use crate::tasks::TaskRegistry;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

fn tasks() -> TaskRegistry {
    TaskRegistry::new(ShutdownToken::new())
}

fn audit() -> Audit {
    match Audit::new("tests", "to see what happens") {
        Ok(audit) => audit,
        Err(error) => panic!("{error}"),
    }
}

/// Waits for its token.
fn patient(name: &'static str) -> ChildSpec {
    ChildSpec::factory(name, |cx| async move {
        cx.shutdown.cancelled().await;
        Ok(())
    })
}

/// Never looks at its token.
fn stubborn(name: &'static str) -> ChildSpec {
    ChildSpec::factory(name, |_| std::future::pending())
}

/// Counts its starts, and does something else at each.
fn counting<F>(
    name: &'static str,
    work: impl Fn(ChildContext, u32) -> F + Send + Sync + 'static,
) -> (ChildSpec, Arc<AtomicU32>)
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let starts = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&starts);
    let spec = ChildSpec::factory(name, move |cx| {
        work(cx, counter.fetch_add(1, Ordering::SeqCst) + 1)
    });
    (spec, starts)
}

fn start(supervisor: Supervisor, tasks: &TaskRegistry) -> SupervisorHandle {
    match supervisor.start(tasks) {
        Ok(handle) => handle,
        Err(error) => panic!("{error}"),
    }
}

async fn until(handle: &SupervisorHandle, child: &str, phase: ChildPhase) -> ChildStatus {
    let waiting = tokio::time::timeout(SECOND * 3600, handle.wait_for(child, phase));
    match waiting.await {
        Ok(Ok(status)) => status,
        other => panic!(
            "{child} never was {phase}: {other:?}, {:?}",
            handle.child(child)
        ),
    }
}
