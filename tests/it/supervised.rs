//! Supervised children in a service: what they do to its life, and its life to them.

#![expect(
    clippy::unused_async,
    clippy::unused_self,
    reason = "the shapes of work that the macro is to take"
)]

mod ends;
mod options;
mod periodic;
mod work;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dig_service::supervisor::{
    Audit, Backoff, ChildPhase, ChildSpec, CommandError, Intensity, StopHow, Supervisor,
};
use dig_service::{
    ExitReason, NodeLifecycle, RpcApi, RunContext, Service, ServiceError, ShutdownReason,
    StopContext, TaskKind,
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// What happened, in order.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn tell(&self, what: impl Into<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(what.into());
    }

    fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A node that tells when its hooks run.
#[derive(Default)]
struct Node(Story);

#[async_trait::async_trait]
impl NodeLifecycle for Node {
    async fn pre_start(&self, _: &dig_service::StartContext<'_>) -> anyhow::Result<()> {
        self.0.tell("pre_start");
        Ok(())
    }

    async fn run(&self, ctx: RunContext) -> anyhow::Result<()> {
        ctx.shutdown.cancelled().await;
        self.0.tell("run is told");
        tokio::time::sleep(2 * SECOND).await;
        self.0.tell("run returns");
        Ok(())
    }

    async fn on_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        self.0.tell("on_stop");
        Ok(())
    }
}

/// A child that tells when it stops, and takes a while.
fn telling(story: &Story, name: &'static str, takes: Duration) -> ChildSpec {
    let story = story.clone();
    ChildSpec::factory(name, move |cx| {
        let story = story.clone();
        async move {
            cx.shutdown.cancelled().await;
            story.tell(format!("{name} is told"));
            tokio::time::sleep(takes).await;
            story.tell(format!("{name} returns"));
            Ok(())
        }
    })
}

fn failing(name: &'static str) -> ChildSpec {
    ChildSpec::factory(name, |_| async { anyhow::bail!("no route") })
}

/// A child that blocks its thread until it is released.
fn blocking(name: &'static str) -> (ChildSpec, std::sync::mpsc::Sender<()>) {
    let (release, wait) = std::sync::mpsc::channel();
    let wait = Arc::new(Mutex::new(wait));
    let spec = ChildSpec::factory(name, move |_| {
        let wait = Arc::clone(&wait);
        async move {
            let wait = wait.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(wait.recv()?)
        }
    });
    (spec, release)
}

fn audit() -> Audit {
    match Audit::new("tests", "to see what happens") {
        Ok(audit) => audit,
        Err(error) => panic!("{error}"),
    }
}

/// Lets a service run for so long.
async fn stopped_after<N: NodeLifecycle + RpcApi>(service: Service<N, (), N>, time: Duration) {
    let handle = service.handle();
    let stopping = async {
        tokio::time::sleep(time).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
    };
    let (status, ()) = tokio::join!(service.start(), stopping);
    assert!(status.is_ok_and(|status| status.is_graceful()));
}

/// Returns what the tasks of these names are shown as while the service runs.
async fn shown_kinds<N: NodeLifecycle + RpcApi, const M: usize>(
    service: Service<N, (), N>,
    names: [&str; M],
) -> [TaskKind; M] {
    let handle = service.handle();
    let looking = async {
        tokio::time::sleep(SECOND).await;
        let tasks = handle.all_tasks();
        handle.request_shutdown(ShutdownReason::UserRequested);
        tasks
    };
    let (status, tasks) = tokio::join!(service.start(), looking);
    assert!(status.is_ok_and(|status| status.is_graceful()));
    names.map(|name| {
        let task = tasks.iter().find(|task| task.name == name);
        task.unwrap_or_else(|| panic!("no `{name}` in {tasks:?}"))
            .kind
    })
}
