//! Providers in a service: their place in its life, reloads, and what a failure comes to.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unused_async,
    clippy::unused_self,
    reason = "the shapes of hooks that the macro is to take"
)]

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use dig_service::registry::{self, BootContext, Error, Registry, ReloadState};
use dig_service::{
    EventKind, ExitCodes, NodeLifecycle, Phase, ReloadFailure, RunContext, Service, ServiceError,
    ShutdownReason, StartContext, StopContext, TaskContext,
};

mod ends;

/// What happened, in order; and what is to go wrong.
#[derive(Clone, Default)]
struct World {
    log: Arc<Mutex<Vec<String>>>,
    faults: Arc<Mutex<Vec<&'static str>>>,
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    fn act(&self, what: &'static str) -> Result<(), Error> {
        locked(&self.log).push(what.to_owned());
        if locked(&self.faults).contains(&what) {
            return Err(Error::msg(format!("{what} broke")));
        }
        Ok(())
    }

    fn with_fault(what: &'static str) -> Self {
        let world = Self::default();
        locked(&world.faults).push(what);
        world
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.log))
    }
}

#[async_trait::async_trait]
impl ReloadState for World {
    async fn prepare(&self) -> registry::Result<()> {
        // Noted only if it is to fail: most tests look at what is applied.
        if locked(&self.faults).contains(&"prepare state") {
            return Err(Error::msg("prepare state broke"));
        }
        Ok(())
    }

    async fn reload(&self) -> registry::Result<()> {
        self.act("reload state")
    }
}

struct Store;

#[dig_service::provider(state = World, name = "store")]
impl Store {
    #[boot]
    async fn open(&self, world: &World) -> registry::Result<()> {
        world.act("boot store")
    }

    #[validate]
    fn check(&self, world: &World) -> registry::Result<()> {
        world.act("validate store")
    }

    #[reload]
    async fn apply(&self, world: &World) -> registry::Result<()> {
        world.act("reload store")
    }

    #[shutdown]
    async fn close(&self, world: &World) -> registry::Result<()> {
        world.act("shutdown store")
    }
}

#[derive(Clone, Default)]
struct Sync {
    store: Arc<OnceLock<Arc<Store>>>,
}

#[dig_service::provider(state = World, name = "sync")]
impl Sync {
    #[boot]
    fn keep(&self, cx: &BootContext<'_, World>, store: Arc<Store>, none: Option<Arc<Absent>>) {
        assert!(none.is_none());
        let _ = cx.state().act("boot sync");
        let _ = self.store.set(store);
    }

    #[run]
    async fn follow(&self, world: World, task: TaskContext) -> registry::Result<()> {
        assert!(self.store.get().is_some());
        world.act("run sync")?;
        task.shutdown.cancelled().await;
        world.act("end sync")
    }

    #[shutdown]
    fn close(&self, world: &World) {
        let _ = world.act("shutdown sync");
    }
}

struct Absent;

#[dig_service::provider(state = World)]
impl Absent {}

struct Node(World);

#[async_trait::async_trait]
impl NodeLifecycle for Node {
    async fn pre_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(self.0.act("pre_start")?)
    }

    async fn on_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        Ok(self.0.act("on_start")?)
    }

    async fn run(&self, cx: RunContext) -> anyhow::Result<()> {
        // The work of the providers has begun.
        tokio::task::yield_now().await;
        self.0.act("run")?;
        cx.shutdown.cancelled().await;
        Ok(())
    }

    async fn on_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(self.0.act("on_stop")?)
    }

    async fn post_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        Ok(self.0.act("post_stop")?)
    }
}

fn registry() -> Registry<World> {
    let registry = Registry::new();
    registry
        .insert(Arc::new(Sync::default()))
        .insert(Arc::new(Store));
    registry
}

fn service(world: &World, policy: ReloadFailure) -> Service<Node, (), ()> {
    let builder = Service::builder(Node(world.clone())).providers(registry(), world.clone());
    builder.on_failed_reload(policy).build()
}

#[tokio::test(start_paused = true)]
async fn providers_live_between_pre_start_and_post_stop() {
    let world = World::default();
    let service = service(&world, ReloadFailure::Stay);
    let handle = service.handle();
    let stop = async {
        handle
            .phase()
            .wait_for(|phase| *phase == Phase::Running)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (ended, ()) = tokio::join!(service.start(), stop);

    assert!(ended.unwrap().is_graceful());
    let expected = [
        "pre_start",
        "boot store",
        "boot sync",
        "validate store",
        "on_start",
        "run sync",
        "run",
        "end sync",
        "on_stop",
        "shutdown sync",
        "shutdown store",
        "post_stop",
    ];
    assert_eq!(world.taken(), expected);
}

#[tokio::test(start_paused = true)]
async fn i43_plan_that_cannot_be_made_runs_no_hook() {
    let world = World::default();
    let registry = Registry::new();
    registry.insert(Arc::new(Sync::default()));
    let builder = Service::builder(Node(world.clone())).providers(registry, world.clone());

    let failure = builder.build().start().await.unwrap_err();

    let ServiceError::PreStartFailed(error) = failure else {
        panic!("{failure}")
    };
    assert!(
        error.to_string().contains("provider `sync` requires"),
        "{error}"
    );
    assert!(world.taken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn i45_provider_that_does_not_boot_ends_the_service_with_69() {
    for (fault, expected) in [
        ("boot store", &["pre_start", "boot store", "post_stop"][..]),
        (
            "validate store",
            &[
                "pre_start",
                "boot store",
                "boot sync",
                "validate store",
                "shutdown sync",
                "shutdown store",
                "post_stop",
            ],
        ),
    ] {
        let world = World::with_fault(fault);

        let outcome = service(&world, ReloadFailure::Stay).start().await;

        assert!(
            matches!(outcome, Err(ServiceError::OnStartFailed(_))),
            "{outcome:?}"
        );
        assert_eq!(ExitCodes::Simple.code(&outcome), 1);
        assert_eq!(ExitCodes::Sysexits.code(&outcome), 69);
        let text = format!("{:#}", anyhow::Error::from(outcome.unwrap_err()));
        assert!(
            text.contains("the providers did not boot") && text.contains(fault),
            "{text}"
        );
        assert_eq!(world.taken(), expected, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn provider_that_does_not_shut_down_is_on_stop_failed() {
    let world = World::with_fault("shutdown store");
    let service = service(&world, ReloadFailure::Stay);
    service
        .handle()
        .request_shutdown(ShutdownReason::UserRequested);
    let world_of_none = world.taken();
    assert!(world_of_none.is_empty());
    let service = self::service(&world, ReloadFailure::Stay);
    let handle = service.handle();
    let stop = async {
        handle
            .phase()
            .wait_for(|phase| *phase == Phase::Running)
            .await
            .unwrap();
        handle.request_shutdown(ShutdownReason::UserRequested);
    };

    let (ended, ()) = tokio::join!(service.start(), stop);

    let Err(ServiceError::OnStopFailed(error)) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(
        error.to_string(),
        "provider `store` did not shut down: shutdown store broke"
    );
    assert_eq!(world.taken().last().map(String::as_str), Some("post_stop"));
}

/// Runs a service, asks for a reload twice at once, and gives what the events say of it.
async fn reloaded(world: &World, policy: ReloadFailure) -> (Vec<String>, bool, bool) {
    let service = service(world, policy);
    let handle = service.handle();
    let mut events = handle.subscribe();
    // Before the service runs: done once it does.
    handle.reload();
    handle.reload();
    let watch = async {
        let mut told = Vec::new();
        while let Some(Ok(event)) = events.next().await {
            match event.kind {
                EventKind::ReloadBegan => told.push("began".to_owned()),
                EventKind::ReloadEnded { generation, error } => {
                    told.push(format!(
                        "generation {generation} {}",
                        error.unwrap_or_default()
                    ));
                    break;
                }
                _ => {}
            }
        }
        tokio::task::yield_now().await;
        let seen = (told, handle.is_ready(), handle.is_running());
        handle.request_shutdown(ShutdownReason::UserRequested);
        seen
    };
    let (_, seen) = tokio::join!(service.start(), watch);
    seen
}

#[tokio::test(start_paused = true)]
async fn i49_reload_through_the_handle_is_done_once_and_told() {
    let world = World::default();

    let (told, is_ready, is_running) = reloaded(&world, ReloadFailure::Stay).await;

    assert_eq!(told, ["began", "generation 1 "]);
    assert!(is_ready && is_running);
    let log = world.taken();
    assert_eq!(
        log.iter().filter(|what| *what == "reload store").count(),
        1,
        "{log:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn i48_reload_that_fails_midway_degrades_or_stops() {
    let world = World::with_fault("reload store");
    let (told, is_ready, is_running) = reloaded(&world, ReloadFailure::Stay).await;
    assert_eq!(
        told[1],
        "generation 0 provider `store` did not reload: reload store broke"
    );
    assert!(!is_ready && is_running);

    let world = World::with_fault("reload store");
    let (_, _, is_running) = reloaded(&world, ReloadFailure::Stop).await;
    assert!(!is_running);
}
