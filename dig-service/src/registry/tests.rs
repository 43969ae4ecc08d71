use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::*;
use crate::sync::Lock;

mod faults;
mod gate;
mod order;
mod reload;
mod running;
mod state;
mod told;

/// What hooks did, in order.
type Log = Arc<Lock<Vec<String>>>;

/// What a hook does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Does {
    #[default]
    Ok,
    Fails,
    Panics,
    Hangs,
}

/// A provider of which there can be many: each number is a type of its own.
#[derive(Default)]
struct Part<const N: usize> {
    name: &'static str,
    log: Log,
    needs: Vec<Dependencies>,
    priority: Option<u8>,
    faults: BTreeMap<&'static str, Does>,
    is_reloadable: bool,
    timeout: Option<Duration>,
}

impl<const N: usize> Part<N> {
    fn new(name: &'static str, log: &Log) -> Self {
        Self {
            name,
            log: Arc::clone(log),
            ..Self::default()
        }
    }

    fn needs(mut self, dependencies: Dependencies) -> Self {
        self.needs.push(dependencies);
        self
    }

    fn priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    fn fault(mut self, hook: &'static str, does: Does) -> Self {
        self.faults.insert(hook, does);
        self
    }

    fn reloadable(mut self) -> Self {
        self.is_reloadable = true;
        self
    }

    fn note(&self, hook: &str) -> Result<()> {
        self.log.lock().push(format!("{hook} {}", self.name));
        match self.faults.get(hook).copied().unwrap_or_default() {
            Does::Ok | Does::Hangs => Ok(()),
            Does::Fails => Err(Error::msg(format!("{} broke", self.name))),
            Does::Panics => panic!("{} panicked", self.name),
        }
    }

    async fn act(&self, hook: &'static str) -> Result<()> {
        self.note(hook)?;
        if self.faults.get(hook) == Some(&Does::Hangs) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[async_trait]
impl<const N: usize> Provider for Part<N> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn boot_priority(&self) -> Option<u8> {
        self.priority
    }

    fn dependencies(&self) -> Dependencies {
        self.needs.first().cloned().unwrap_or_default()
    }

    async fn boot(&self, _: &()) -> Result<()> {
        self.act("boot").await
    }

    async fn shutdown(&self, _: &()) -> Result<()> {
        self.act("shutdown").await
    }

    fn validate(&self, _: &()) -> Result<()> {
        self.note("validate")
    }

    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        self.is_reloadable.then_some(self)
    }

    fn boot_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn shutdown_timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

#[async_trait]
impl<const N: usize> Reloadable for Part<N> {
    async fn prepare(&self, _: &()) -> Result<()> {
        self.act("prepare").await
    }

    async fn reload(&self, _: &()) -> Result<()> {
        self.act("reload").await
    }

    async fn revert(&self, _: &()) -> Result<()> {
        match self.faults.get("revert") {
            None => Err(Error::Unsupported),
            Some(_) => self.act("revert").await,
        }
    }
}

/// Takes what was noted so far.
fn taken(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock())
}

/// `http` needs `cache` and `store`, `cache` needs `store`; registered the other way round.
fn chain(log: &Log) -> Registry {
    let registry = Registry::new();
    let http = Part::<3>::new("http", log).needs(
        Dependencies::new()
            .requires::<Part<2>>()
            .requires::<Part<1>>(),
    );
    let cache = Part::<2>::new("cache", log).needs(Dependencies::new().requires::<Part<1>>());
    registry
        .insert(Arc::new(http))
        .insert(Arc::new(cache))
        .insert(Arc::new(Part::<1>::new("store", log)));
    registry
}

#[tokio::test]
async fn chain_boots_from_the_bottom_and_shuts_down_from_the_top() {
    let log = Log::default();
    let registry = chain(&log);
    assert_eq!(registry.list_names(), ["store", "cache", "http"]);

    registry.boot_all(&()).await.unwrap();
    registry.validate_all(&()).unwrap();
    registry.boot_all(&()).await.unwrap();
    registry.shutdown_all(&()).await.unwrap();
    registry.shutdown_all(&()).await.unwrap();

    let expected = [
        "boot store",
        "boot cache",
        "boot http",
        "validate store",
        "validate cache",
        "validate http",
        "shutdown http",
        "shutdown cache",
        "shutdown store",
    ];
    assert_eq!(taken(&log), expected);
}

#[tokio::test]
async fn provider_is_stored_once_and_found_by_its_type() {
    let log = Log::default();
    let registry = Registry::new();
    let first = Arc::new(Part::<1>::new("one", &log));
    registry.insert(Arc::clone(&first));

    let of_type = registry.try_insert(Arc::new(Part::<1>::new("other name", &log)));
    let of_name = registry.try_insert(Arc::new(Part::<2>::new("one", &log)));
    registry.insert(Arc::new(Part::<1>::new("warned", &log)));

    assert!(matches!(
        of_type,
        Err(Error::Duplicate { name: "other name" })
    ));
    assert!(matches!(of_name, Err(Error::Duplicate { name: "one" })));
    assert!(Arc::ptr_eq(&registry.resolve::<Part<1>>().unwrap(), &first));
    registry.boot_all(&()).await.unwrap();
    assert!(Arc::ptr_eq(&registry.resolve::<Part<1>>().unwrap(), &first));
    assert!(registry.resolve::<Part<2>>().is_none());
    assert_eq!(registry.with_typed(|part: &Part<1>| part.name), Some("one"));
    assert_eq!(registry.with_typed(|part: &Part<2>| part.name), None);
    assert_eq!(registry.providers().len(), 1);
}

#[tokio::test]
async fn provider_that_comes_after_the_start_is_refused() {
    let log = Log::default();
    let registry = chain(&log);
    registry.boot_all(&()).await.unwrap();

    registry.insert(Arc::new(Part::<9>::new("late", &log)));
    let late = registry.try_insert(Arc::new(Part::<9>::new("late", &log)));

    assert!(matches!(late, Err(Error::Frozen { name: "late" })));
    assert_eq!(registry.list_names().len(), 3);
}

#[tokio::test]
async fn boot_context_gives_what_was_declared_only() {
    struct Asks(Lock<Vec<bool>>);
    #[async_trait]
    impl Provider for Asks {
        fn dependencies(&self) -> Dependencies {
            Dependencies::new()
                .requires::<Part<1>>()
                .optional::<Part<7>>()
        }
        async fn boot_with(&self, cx: &BootContext<'_, ()>) -> Result<()> {
            assert_eq!(cx.state(), &());
            assert!(!cx.shutdown().is_cancelled() && cx.tasks().is_empty());
            *self.0.lock() = vec![
                cx.resolve::<Part<1>>().is_some(),
                cx.resolve::<Part<2>>().is_some(),
                cx.resolve::<Part<7>>().is_some(),
            ];
            Ok(())
        }
    }
    let log = Log::default();
    let registry = chain(&log);
    registry.insert(Arc::new(Asks(Lock::default())));

    registry.boot_all(&()).await.unwrap();

    let seen = registry.resolve::<Asks>().unwrap();
    assert_eq!(*seen.0.lock(), [true, false, false]);
    assert!(
        registry
            .list_names()
            .iter()
            .any(|name| name.ends_with("Asks"))
    );
}

#[test]
fn provider_can_be_looked_at_as_any() {
    let part: Arc<dyn Provider> = Arc::new(Part::<1>::new("one", &Log::default()));
    assert!(part.as_any().downcast_ref::<Part<1>>().is_some());
}

#[test]
fn errors_convert_name_themselves_and_keep_their_variant() {
    fn fails() -> Result<()> {
        Err(std::io::Error::other("disk full"))?;
        Ok(())
    }
    let other = fails().unwrap_err();
    assert!(matches!(other, Error::Other(_)));
    let boot = other.surfaced(Phase::Boot, "store");
    assert_eq!(boot.to_string(), "provider `store` did not boot: disk full");
    assert!(matches!(boot, Error::Boot { name: "store", .. }));

    // Once named, it passes through.
    let again = boot.surfaced(Phase::Shutdown, "cache");
    assert!(matches!(again, Error::Boot { name: "store", .. }));
    // Also through a box.
    let boxed: BoxError = again.into();
    assert!(matches!(
        Error::other(boxed),
        Error::Boot { name: "store", .. }
    ));

    let early = Error::recoverable("no upnp here").surfaced(Phase::Run, "upnp");
    assert!(matches!(early, Error::Recoverable { name: "upnp", .. }));
    let any: anyhow::Error = early.into();
    assert_eq!(
        format!("{any:#}"),
        "provider `upnp` ended early: no upnp here"
    );
    let chained = anyhow::anyhow!("no route").context("dial");
    assert_eq!(Error::other(chained).to_string(), "dial: no route");
}
