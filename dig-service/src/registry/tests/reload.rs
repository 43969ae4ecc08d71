//! Reloads.

use super::*;

fn reloadable(log: &Log) -> Registry {
    let registry = Registry::new();
    let top = Part::<2>::new("top", log).needs(Dependencies::new().requires::<Part<1>>());
    registry
        .insert(Arc::new(top.reloadable()))
        .insert(Arc::new(Part::<1>::new("base", log).reloadable()))
        .insert(Arc::new(Part::<3>::new("fixed", log)));
    registry
}

fn outcomes(registry: &Registry) -> Vec<String> {
    let report = registry.last_reload().unwrap();
    report
        .outcomes
        .iter()
        .map(|(name, outcome)| format!("{name} {outcome}"))
        .collect()
}

#[tokio::test]
async fn i47_all_prepare_before_any_applies() {
    let log = Log::default();
    let registry = reloadable(&log);

    let report = registry.reload_all(&()).await.unwrap();

    assert_eq!(report.generation, 1);
    assert_eq!(
        taken(&log),
        ["prepare base", "prepare top", "reload base", "reload top"]
    );
    assert_eq!(
        outcomes(&registry),
        ["state applied", "base applied", "top applied"]
    );
    assert!(report.has_applied && !report.is_mixed());
    assert_eq!(registry.reload_all(&()).await.unwrap().generation, 2);
}

#[tokio::test(start_paused = true)]
async fn i47_failed_prepare_changes_nothing_and_keeps_the_generation() {
    for does in [Does::Fails, Does::Panics, Does::Hangs] {
        let log = Log::default();
        let registry = Registry::new();
        registry
            .insert(Arc::new(Part::<1>::new("base", &log).reloadable()))
            .insert(Arc::new(
                Part::<2>::new("bad", &log)
                    .reloadable()
                    .fault("prepare", does),
            ));

        let error = registry.reload_all(&()).await.unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with("provider `bad` did not reload"),
            "{error}"
        );
        assert_eq!(taken(&log), ["prepare base", "prepare bad"]);
        assert_eq!(
            outcomes(&registry),
            ["state untouched", "base untouched", "bad failed"]
        );
        let report = registry.last_reload().unwrap();
        assert_eq!(report.generation, 0);
        assert!(!report.has_applied && !report.is_mixed());
    }
}

#[tokio::test]
async fn every_failed_prepare_is_told() {
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(
            Part::<1>::new("one", &log)
                .reloadable()
                .fault("prepare", Does::Fails),
        ))
        .insert(Arc::new(
            Part::<2>::new("two", &log)
                .reloadable()
                .fault("prepare", Does::Fails),
        ));

    let Err(Error::Many(errors)) = registry.reload_all(&()).await else {
        panic!("both fail")
    };

    assert!(matches!(errors[0], Error::Reload { name: "one", .. }));
    assert!(matches!(errors[1], Error::Reload { name: "two", .. }));
}

#[tokio::test(start_paused = true)]
async fn i48_failed_apply_takes_back_what_it_can() {
    for does in [Does::Fails, Does::Panics, Does::Hangs] {
        let log = Log::default();
        let registry = Registry::new();
        registry
            .insert(Arc::new(Part::<1>::new("keeps", &log).reloadable()))
            .insert(Arc::new(
                Part::<2>::new("reverts", &log)
                    .reloadable()
                    .fault("revert", Does::Ok),
            ))
            .insert(Arc::new(
                Part::<3>::new("bad", &log)
                    .reloadable()
                    .fault("reload", does),
            ))
            .insert(Arc::new(Part::<4>::new("beyond", &log).reloadable()));

        let error = registry.reload_all(&()).await.unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with("provider `bad` did not reload"),
            "{error}"
        );
        assert_eq!(
            taken(&log)[4..],
            [
                "reload keeps",
                "reload reverts",
                "reload bad",
                "revert reverts"
            ]
        );
        let expected = [
            "state kept",
            "keeps kept",
            "reverts reverted",
            "bad failed",
            "beyond untouched",
        ];
        assert_eq!(outcomes(&registry), expected);
        let report = registry.last_reload().unwrap();
        assert!(report.is_mixed());
        assert_eq!(report.generation, 0);
    }
}

/// Every hook of a reload, at every place, with every fault: what was applied, and what taken back.
#[tokio::test(start_paused = true)]
async fn fault_at_a_reload_takes_back_what_was_applied_before_it() {
    const NAMES: [&str; 3] = ["first", "middle", "last"];
    for (at, name) in NAMES.iter().enumerate() {
        for hook in ["prepare", "reload"] {
            for does in [Does::Fails, Does::Panics, Does::Hangs] {
                let log = Log::default();
                let fault = |index: usize| if index == at { does } else { Does::Ok };
                let registry = Registry::new();
                let first = Part::<0>::new(NAMES[0], &log).fault(hook, fault(0));
                let middle = Part::<1>::new(NAMES[1], &log).fault(hook, fault(1));
                let last = Part::<2>::new(NAMES[2], &log).fault(hook, fault(2));
                registry
                    .insert(Arc::new(first.reloadable().fault("revert", Does::Ok)))
                    .insert(Arc::new(middle.reloadable().fault("revert", Does::Ok)))
                    .insert(Arc::new(last.reloadable().fault("revert", Does::Ok)));

                let error = registry.reload_all(&()).await.unwrap_err();

                let start = format!("provider `{name}` did not reload");
                assert!(error.to_string().starts_with(&start), "{error}");
                let is_prepared = hook == "reload";
                let applied = if is_prepared { &NAMES[..=at] } else { &[][..] };
                let reverted = NAMES[..at].iter().rev().filter(|_| is_prepared);
                let expected: Vec<_> = (NAMES.iter().map(|name| format!("prepare {name}")))
                    .chain(applied.iter().map(|name| format!("reload {name}")))
                    .chain(reverted.map(|name| format!("revert {name}")))
                    .collect();
                assert_eq!(taken(&log), expected, "{hook} {name} {does:?}");
            }
        }
    }
}

#[tokio::test]
async fn error_of_a_revert_comes_behind_its_cause() {
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(
            Part::<1>::new("worse", &log)
                .reloadable()
                .fault("revert", Does::Fails),
        ))
        .insert(Arc::new(
            Part::<2>::new("bad", &log)
                .reloadable()
                .fault("reload", Does::Fails),
        ));

    let Err(Error::Many(errors)) = registry.reload_all(&()).await else {
        panic!("both fail")
    };

    assert!(matches!(errors[0], Error::Reload { name: "bad", .. }));
    assert!(matches!(errors[1], Error::Reload { name: "worse", .. }));
}

#[tokio::test]
async fn reload_of_one_tells_three_errors_apart() {
    let log = Log::default();
    let registry = reloadable(&log);
    registry.insert(Arc::new(
        Part::<4>::new("bad", &log)
            .reloadable()
            .fault("reload", Does::Fails),
    ));

    let unknown = registry.reload_one("nobody", &()).await.unwrap_err();
    let fixed = registry.reload_one("fixed", &()).await.unwrap_err();
    let bad = registry.reload_one("bad", &()).await.unwrap_err();
    registry.reload_one("base", &()).await.unwrap();

    assert!(matches!(unknown, Error::Unknown { ref name } if name == "nobody"));
    assert!(matches!(fixed, Error::NotReloadable { name: "fixed" }));
    assert!(matches!(bad, Error::Reload { name: "bad", .. }));
    assert_eq!(
        taken(&log),
        ["prepare bad", "reload bad", "prepare base", "reload base"]
    );
    assert!(registry.last_reload().is_none());
}

/// Reloads slowly, and counts.
struct Slow(AtomicUsize);

#[async_trait]
impl Provider for Slow {
    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        Some(self)
    }
}

#[async_trait]
impl Reloadable for Slow {
    async fn reload(&self, _: &()) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn i49_requests_that_come_meanwhile_become_one_more() {
    let registry = Registry::new();
    registry.insert(Arc::new(Slow(AtomicUsize::new(0))));
    let later = || async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        registry.reload_all(&()).await.unwrap().generation
    };

    let first = async { registry.reload_all(&()).await.unwrap().generation };
    let generations = tokio::join!(first, later(), later(), later());

    assert_eq!(generations, (1, 2, 2, 2));
    let slow = registry.resolve::<Slow>().unwrap();
    assert_eq!(slow.0.load(Ordering::SeqCst), 2);
}

/// Asks for a reload of itself.
struct Loops(std::sync::Weak<Registry>, Lock<Vec<String>>);

#[async_trait]
impl Provider for Loops {
    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        Some(self)
    }
}

#[async_trait]
impl Reloadable for Loops {
    async fn reload(&self, _: &()) -> Result<()> {
        let registry = self.0.upgrade().expect("it lives");
        for error in [
            registry.reload_all(&()).await.map(drop),
            registry.reload_one("any", &()).await,
        ] {
            self.1.lock().push(error.unwrap_err().to_string());
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn reload_that_asks_for_itself_is_refused() {
    let registry = Arc::new(Registry::new());
    registry.insert(Arc::new(Loops(Arc::downgrade(&registry), Lock::default())));

    registry.reload_all(&()).await.unwrap();

    let loops = registry.resolve::<Loops>().unwrap();
    let errors = loops.1.lock();
    assert_eq!(errors.len(), 2);
    assert!(
        errors
            .iter()
            .all(|error| error.contains("cannot wait for a reload")),
        "{errors:?}"
    );
}

/// Reloads another registry, which may ask back.
struct Outer(Arc<Registry>);

#[async_trait]
impl Provider for Outer {
    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        Some(self)
    }
}

#[async_trait]
impl Reloadable for Outer {
    async fn reload(&self, _: &()) -> Result<()> {
        self.0.reload_all(&()).await.map(drop)
    }
}

#[tokio::test(start_paused = true)]
async fn reload_of_another_registry_is_none_of_itself() {
    let outer = Arc::new(Registry::new());
    let inner = Arc::new(Registry::new());
    inner.insert(Arc::new(Loops(Arc::downgrade(&outer), Lock::default())));
    outer.insert(Arc::new(Outer(Arc::clone(&inner))));

    outer.reload_all(&()).await.unwrap();

    let loops = inner.resolve::<Loops>().unwrap();
    assert_eq!(
        loops.1.lock().len(),
        2,
        "the outer one cannot be waited for from inside"
    );
}

/// Two values that belong together, in one snapshot.
struct Pair(Lock<Arc<(u64, u64)>>);

#[async_trait]
impl Provider for Pair {
    fn as_reloadable(&self) -> Option<&dyn Reloadable> {
        Some(self)
    }
}

#[async_trait]
impl Reloadable for Pair {
    async fn reload(&self, _: &()) -> Result<()> {
        let next = self.0.lock().0 + 1;
        tokio::task::yield_now().await;
        *self.0.lock() = Arc::new((next, next));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_sees_a_mix_of_old_and_new() {
    let registry = Arc::new(Registry::new());
    registry.insert(Arc::new(Pair(Lock::default())));
    registry.boot_all(&()).await.unwrap();
    let token = crate::ShutdownToken::new();
    let tasks = crate::TaskRegistry::new(token.clone());
    for _ in 0..4 {
        let (registry, token) = (Arc::clone(&registry), token.clone());
        tasks.spawn("reader", crate::TaskKind::Maintenance, async move {
            let mut last = 0;
            while !token.is_cancelled() {
                let pair = registry.resolve::<Pair>().expect("registered");
                let seen = Arc::clone(&pair.0.lock());
                anyhow::ensure!(seen.0 == seen.1 && seen.0 >= last, "{seen:?} after {last}");
                last = seen.0;
                tokio::task::yield_now().await;
            }
            Ok(())
        });
    }

    for generation in 1..=500 {
        assert_eq!(
            registry.reload_all(&()).await.unwrap().generation,
            generation
        );
    }

    token.cancel(crate::ShutdownReason::UserRequested);
    tasks.join_all(Duration::from_secs(30)).await.unwrap();
    assert_eq!(tasks.counts().completed, 4);
}
