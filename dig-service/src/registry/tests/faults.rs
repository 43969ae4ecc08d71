//! The table of faults: what goes wrong, where, and who was booted and shut down.

use super::*;
use crate::registry::Around;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::tasks::TaskRegistry;

const NAMES: [&str; 3] = ["first", "middle", "last"];
const LIMIT: Duration = Duration::from_millis(50);

/// Three in a row, one of which has a fault.
fn row(log: &Log, at: usize, hook: &'static str, does: Does) -> Registry {
    row_within(Some(LIMIT), log, at, hook, does)
}

/// The same without timeouts.
fn patient_row(log: &Log, at: usize, hook: &'static str, does: Does) -> Registry {
    row_within(None, log, at, hook, does)
}

fn row_within(
    timeout: Option<Duration>,
    log: &Log,
    at: usize,
    hook: &'static str,
    does: Does,
) -> Registry {
    fn part<const N: usize>(
        log: &Log,
        (hook, does): (&'static str, Does),
        timeout: Option<Duration>,
    ) -> Part<N> {
        let part = Part::new(NAMES[N], log).fault(hook, does);
        Part { timeout, ..part }
    }
    let fault = |index: usize| (hook, if index == at { does } else { Does::Ok });
    let middle = part::<1>(log, fault(1), timeout);
    let last = part::<2>(log, fault(2), timeout);
    let registry = Registry::new();
    registry
        .insert(Arc::new(part::<0>(log, fault(0), timeout)))
        .insert(Arc::new(
            middle.needs(Dependencies::new().requires::<Part<0>>()),
        ))
        .insert(Arc::new(
            last.needs(Dependencies::new().requires::<Part<1>>()),
        ));
    registry
}

fn hooks(hook: &str, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{hook} {name}")).collect()
}

/// What the error of a fault says.
fn text(name: &str, verb: &str, does: Does) -> String {
    match does {
        Does::Ok => String::new(),
        Does::Fails => format!("provider `{name}` did not {verb}: {name} broke"),
        Does::Panics => format!("provider `{name}` did not {verb}: panicked: {name} panicked"),
        Does::Hangs => format!("provider `{name}` did not {verb} within 50ms"),
    }
}

#[tokio::test(start_paused = true)]
async fn i45_fault_at_boot_takes_back_what_booted() {
    for (at, name) in NAMES.iter().enumerate() {
        for does in [Does::Fails, Does::Panics, Does::Hangs] {
            let log = Log::default();
            let registry = row(&log, at, "boot", does);

            let error = registry.boot_all(&()).await.unwrap_err();

            assert_eq!(error.to_string(), text(name, "boot", does));
            let back: Vec<_> = NAMES[..at].iter().rev().copied().collect();
            let expected = [hooks("boot", &NAMES[..=at]), hooks("shutdown", &back)].concat();
            assert_eq!(taken(&log), expected, "{name} {does:?}");
            // Nothing is left to shut down.
            registry.shutdown_all(&()).await.unwrap();
            assert!(taken(&log).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn fault_at_validate_is_collected_from_all() {
    for (at, name) in NAMES.iter().enumerate() {
        for does in [Does::Fails, Does::Panics] {
            let log = Log::default();
            let registry = row(&log, at, "validate", does);

            let error = registry.validate_all(&()).unwrap_err();

            assert_eq!(error.to_string(), text(name, "validate", does));
            assert_eq!(taken(&log), hooks("validate", &NAMES));
        }
    }
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(
            Part::<1>::new("one", &log).fault("validate", Does::Fails),
        ))
        .insert(Arc::new(
            Part::<2>::new("two", &log).fault("validate", Does::Panics),
        ));
    let Err(Error::Many(errors)) = registry.validate_all(&()) else {
        panic!("both fail")
    };
    assert!(matches!(errors[0], Error::Validate { name: "one", .. }));
    assert!(matches!(
        errors[1],
        Error::Panicked {
            name: "two",
            phase: Phase::Validate,
            ..
        }
    ));
}

#[tokio::test(start_paused = true)]
async fn i46_fault_at_shutdown_spares_no_one_and_every_error_is_kept() {
    for (at, name) in NAMES.iter().enumerate() {
        for does in [Does::Fails, Does::Panics, Does::Hangs] {
            let log = Log::default();
            let registry = row(&log, at, "shutdown", does);
            registry.boot_all(&()).await.unwrap();
            taken(&log);

            let error = registry.shutdown_all(&()).await.unwrap_err();

            assert_eq!(error.to_string(), text(name, "shut down", does));
            assert_eq!(taken(&log), hooks("shutdown", &["last", "middle", "first"]));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i46_all_that_hang_share_the_deadline() {
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(
            Part::<1>::new("one", &log).fault("shutdown", Does::Hangs),
        ))
        .insert(Arc::new(
            Part::<2>::new("two", &log).fault("shutdown", Does::Hangs),
        ))
        .insert(Arc::new(
            Part::<3>::new("three", &log).fault("shutdown", Does::Fails),
        ));
    registry.boot_all(&()).await.unwrap();
    taken(&log);
    let began = tokio::time::Instant::now();

    let stopped = registry
        .shutdown_by(&(), Some(began + Duration::from_secs(4)), None)
        .await;

    let Err(Error::Many(errors)) = stopped else {
        panic!("three errors")
    };
    assert_eq!(errors.len(), 3);
    assert_eq!(began.elapsed(), Duration::from_secs(4));
    assert_eq!(taken(&log), hooks("shutdown", &["three", "two", "one"]));
}

#[tokio::test(start_paused = true)]
async fn shutdown_without_a_timeout_has_four_seconds() {
    let log = Log::default();
    let registry = Registry::new();
    registry.insert(Arc::new(
        Part::<1>::new("one", &log).fault("shutdown", Does::Hangs),
    ));
    registry.boot_all(&()).await.unwrap();
    let began = tokio::time::Instant::now();

    let error = registry.shutdown_all(&()).await.unwrap_err();

    assert!(matches!(
        error,
        Error::Timeout {
            phase: Phase::Shutdown,
            ..
        }
    ));
    assert_eq!(began.elapsed(), Duration::from_secs(4));
}

/// A sibling that ends when it is told to, or does not.
struct Sibling {
    log: Log,
    is_deaf: bool,
}

#[async_trait]
impl Provider for Sibling {
    fn name(&self) -> &'static str {
        "sibling"
    }

    async fn boot_with(&self, cx: &BootContext<'_, ()>) -> Result<()> {
        cx.shutdown().cancelled().await;
        self.log.lock().push("told sibling".to_owned());
        if self.is_deaf {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn shutdown(&self, _: &()) -> Result<()> {
        self.log.lock().push("shutdown sibling".to_owned());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn i45_siblings_in_flight_are_told_and_waited_for() {
    for is_deaf in [false, true] {
        let log = Log::default();
        let registry = Registry::new();
        let after = Part::<2>::new("after", &log).needs(Dependencies::new().requires::<Sibling>());
        registry
            .insert(Arc::new(Sibling {
                log: Arc::clone(&log),
                is_deaf,
            }))
            .insert(Arc::new(
                Part::<1>::new("bad", &log).fault("boot", Does::Fails),
            ))
            .insert(Arc::new(after));
        let began = tokio::time::Instant::now();

        let error = registry.boot_all(&()).await.unwrap_err();

        assert!(matches!(error, Error::Boot { name: "bad", .. }), "{error}");
        let mut expected = vec!["boot bad", "told sibling"];
        if !is_deaf {
            // It was ready after all, so it is shut down.
            expected.push("shutdown sibling");
        }
        assert_eq!(taken(&log), expected);
        assert_eq!(
            began.elapsed(),
            Duration::from_secs(if is_deaf { 2 } else { 0 })
        );
    }
}

/// The one that hangs is named, and not one beside it that is ready.
#[tokio::test(start_paused = true)]
async fn signal_names_the_provider_that_hangs() {
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(Part::<1>::new("ready", &log)))
        .insert(Arc::new(
            Part::<2>::new("hangs", &log).fault("boot", Does::Hangs),
        ));
    let shutdown = ShutdownToken::new();
    let tasks = TaskRegistry::new(shutdown.clone());
    let around = Around {
        shutdown: &shutdown,
        tasks: &tasks,
        cancel_grace: Duration::from_secs(1),
    };
    let signal = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        shutdown.cancel(ShutdownReason::UserRequested);
    };

    let (booted, ()) = tokio::join!(registry.boot_in(&(), &around), signal);

    assert!(
        matches!(booted, Err(Error::Cancelled { name: "hangs" })),
        "{booted:?}"
    );
    registry.shutdown_all(&()).await.unwrap();
    assert_eq!(
        taken(&log).last().map(String::as_str),
        Some("shutdown ready")
    );
}

#[tokio::test(start_paused = true)]
async fn signal_ends_a_boot_that_hangs_wherever_it_is() {
    for at in 0..3 {
        let log = Log::default();
        let registry = patient_row(&log, at, "boot", Does::Hangs);
        let shutdown = ShutdownToken::new();
        let tasks = TaskRegistry::new(shutdown.clone());
        let around = Around {
            shutdown: &shutdown,
            tasks: &tasks,
            cancel_grace: Duration::from_secs(1),
        };
        let signal = async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            shutdown.cancel(ShutdownReason::UserRequested);
        };
        let began = tokio::time::Instant::now();

        let (booted, ()) = tokio::join!(registry.boot_in(&(), &around), signal);

        assert!(matches!(booted, Err(Error::Cancelled { name }) if name == NAMES[at]));
        assert_eq!(began.elapsed(), Duration::from_secs(3601));
        registry.shutdown_all(&()).await.unwrap();
        let back: Vec<_> = NAMES[..at].iter().rev().copied().collect();
        let expected = [hooks("boot", &NAMES[..=at]), hooks("shutdown", &back)].concat();
        assert_eq!(taken(&log), expected);
    }
}

/// A panic in one hook neither kills the loop nor poisons anything for the others.
#[tokio::test]
async fn registry_goes_on_after_a_panic() {
    let log = Log::default();
    let registry = row(&log, 0, "shutdown", Does::Panics);
    registry.boot_all(&()).await.unwrap();
    registry.shutdown_all(&()).await.unwrap_err();
    taken(&log);

    registry.boot_all(&()).await.unwrap();

    assert_eq!(taken(&log), hooks("boot", &NAMES));
    assert!(registry.resolve::<Part<2>>().is_some());
}

#[tokio::test]
async fn i45_failed_and_never_started_are_named_and_siblings_errors_are_kept() {
    let (log, told) = (Log::default(), Log::default());
    let registry = Registry::new();
    let after = Part::<3>::new("after", &log).needs(Dependencies::new().requires::<Part<2>>());
    registry
        .insert(Arc::new(Part::<1>::new("ready", &log)))
        .insert(Arc::new(
            Part::<2>::new("bad", &log).fault("boot", Does::Fails),
        ))
        .insert(Arc::new(
            Part::<4>::new("worse", &log).fault("boot", Does::Panics),
        ))
        .insert(Arc::new(after));
    let _listening = told::listen(&told);

    let Err(Error::Many(errors)) = registry.boot_all(&()).await else {
        panic!("two fail")
    };

    assert!(matches!(errors[0], Error::Boot { name: "bad", .. }));
    assert!(matches!(errors[1], Error::Panicked { name: "worse", .. }));
    let told = taken(&told);
    let of_boot = told
        .iter()
        .find(|text| text.contains("providers do not boot"))
        .unwrap();
    assert!(of_boot.contains("never_started=[\"after\"]"), "{of_boot}");
    assert!(of_boot.contains("provider `bad` did not boot"), "{of_boot}");
}
