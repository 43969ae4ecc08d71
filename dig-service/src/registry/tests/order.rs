//! The plan.

use proptest::prelude::*;

use super::*;
use crate::registry::plan::{Node, levels};

fn node(name: &'static str, priority: u8, after: &[usize]) -> Node {
    Node {
        name,
        priority,
        after: after.to_vec(),
    }
}

#[test]
fn priority_and_registration_decide_where_dependencies_do_not() {
    let nodes = [
        node("late", priority::LATE, &[]),
        node("second", priority::NORMAL, &[3]),
        node("early", priority::EARLY, &[]),
        node("first", priority::NORMAL, &[]),
        node("beside", priority::NORMAL, &[]),
        node("needs late", priority::FIRST, &[0]),
    ];

    assert_eq!(
        levels(&nodes).unwrap(),
        [vec![2], vec![3, 4], vec![1], vec![0], vec![5]]
    );
}

#[test]
fn i43_circle_is_told_whole() {
    let nodes = [
        node("outside", 100, &[1]),
        node("a", 100, &[2]),
        node("b", 100, &[3, 4]),
        node("c", 100, &[1]),
        node("leaf", 100, &[]),
    ];

    let error = levels(&nodes).unwrap_err();

    assert_eq!(
        error.to_string(),
        "providers depend on one another: a → b → c → a"
    );
    let alone = levels(&[node("self", 100, &[0])]).unwrap_err();
    assert_eq!(
        alone.to_string(),
        "providers depend on one another: self → self"
    );
}

#[tokio::test]
async fn i43_missing_dependency_names_both_sides_before_any_hook() {
    let log = Log::default();
    let registry = Registry::new();
    let needs = Dependencies::new()
        .optional::<Part<8>>()
        .requires::<Part<9>>();
    registry
        .insert(Arc::new(Part::<1>::new("fine", &log)))
        .insert(Arc::new(Part::<2>::new("needy", &log).needs(needs)));

    let error = registry.boot_all(&()).await.unwrap_err();

    assert!(matches!(
        error,
        Error::MissingDependency { name: "needy", .. }
    ));
    assert!(error.to_string().contains("Part<9>"), "{error}");
    assert!(taken(&log).is_empty());
    // The registry stays open, so that what is missing can be added.
    registry.insert(Arc::new(Part::<9>::new("added", &log)));
    registry.boot_all(&()).await.unwrap();
    assert_eq!(taken(&log), ["boot fine", "boot added", "boot needy"]);
}

/// Registered by one thread while another asks for the plan: both come through.
#[test]
fn plan_is_made_while_others_register() {
    struct Asks(std::sync::Weak<Registry>);
    impl Provider for Asks {
        fn dependencies(&self) -> Dependencies {
            // Asks for the plan while the plan is made.
            let names = self.0.upgrade().map(|registry| format!("{registry:?}"));
            assert!(names.is_some());
            Dependencies::new()
        }
    }
    let registry: Arc<Registry> = Arc::new(Registry::new());
    registry.insert(Arc::new(Asks(Arc::downgrade(&registry))));

    assert_eq!(registry.list_names().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn i44_level_boots_side_by_side_sixteen_at_once() {
    struct Counts<const N: usize>(Arc<(AtomicUsize, AtomicUsize)>);
    #[async_trait]
    impl<const N: usize> Provider for Counts<N> {
        async fn boot(&self, _: &()) -> Result<()> {
            let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
            self.0.1.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.0.0.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    }
    macro_rules! insert {
        ($registry:ident, $counts:ident, $($n:literal)*) => {
            $($registry.insert(Arc::new(Counts::<$n>(Arc::clone(&$counts))));)*
        };
    }
    let registry: Registry = Registry::new();
    let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    insert!(registry, counts, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
    let began = tokio::time::Instant::now();

    registry.boot_all(&()).await.unwrap();

    assert_eq!(counts.1.load(Ordering::SeqCst), 16);
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

/// A graph without circles: each may come after those before it.
fn graphs() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(
        (0_u8..4, prop::collection::vec(any::<usize>(), 0..4)),
        1..40,
    )
    .prop_map(|nodes| {
        let node = |(at, (priority, after)): (usize, (u8, Vec<usize>))| Node {
            name: "node",
            priority,
            after: after
                .into_iter()
                .filter(|_| at > 0)
                .map(|before| before % at.max(1))
                .collect(),
        };
        nodes.into_iter().enumerate().map(node).collect()
    })
}

/// Of those whose dependencies are all placed: the ones of the lowest priority, in order. Slow.
fn reference(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut placed: Vec<usize> = Vec::new();
    let mut levels = Vec::new();
    while placed.len() < nodes.len() {
        let is_ready = |at: &usize| {
            !placed.contains(at)
                && nodes[*at]
                    .after
                    .iter()
                    .all(|before| placed.contains(before))
        };
        let ready: Vec<usize> = (0..nodes.len()).filter(is_ready).collect();
        let lowest = ready
            .iter()
            .map(|at| nodes[*at].priority)
            .min()
            .expect("no circle");
        let level: Vec<_> = ready
            .into_iter()
            .filter(|at| nodes[*at].priority == lowest)
            .collect();
        placed.extend(&level);
        levels.push(level);
    }
    levels
}

proptest! {
    #[test]
    fn plan_is_that_of_the_reference(nodes in graphs()) {
        let plan = levels(&nodes).unwrap();
        prop_assert_eq!(&plan, &reference(&nodes));
        for _ in 0..3 {
            prop_assert_eq!(&plan, &levels(&nodes).unwrap());
        }
    }

    #[test]
    fn every_circle_is_found(nodes in graphs(), from in any::<usize>(), to in any::<usize>()) {
        let mut nodes = nodes;
        let (from, to) = (from % nodes.len(), to % nodes.len());
        nodes[from].after.push(to);
        nodes[to].after.push(from);

        let error = levels(&nodes).unwrap_err();

        let Error::Cycle { path } = error else { panic!("{error}") };
        prop_assert!(path.len() >= 2);
    }
}

#[tokio::test]
async fn boot_keeps_to_the_priorities() {
    let log = Log::default();
    let registry = Registry::new();
    registry
        .insert(Arc::new(
            Part::<1>::new("last", &log).priority(priority::LAST),
        ))
        .insert(Arc::new(Part::<2>::new("normal", &log)))
        .insert(Arc::new(
            Part::<3>::new("first", &log).priority(priority::FIRST),
        ));

    registry.boot_all(&()).await.unwrap();

    assert_eq!(taken(&log), ["boot first", "boot normal", "boot last"]);
    assert_eq!(registry.list_names(), ["first", "normal", "last"]);
}

/// A thousand providers, each with three dependencies, are planned in the blink of an eye; the same
/// order a hundred times.
#[test]
fn plan_of_a_thousand_is_the_same_a_hundred_times() {
    let nodes: Vec<Node> = (0..1000_usize)
        .map(|at| {
            let after = [at / 2, at / 3, at.saturating_sub(7)];
            let after = after.into_iter().filter(|before| *before < at).collect();
            Node {
                name: "node",
                priority: u8::try_from(at % 3).expect("small"),
                after,
            }
        })
        .collect();
    let first = levels(&nodes).unwrap();

    for _ in 0..100 {
        assert_eq!(levels(&nodes).unwrap(), first);
    }
    assert_eq!(first.iter().flatten().count(), 1000);
}

#[tokio::test]
async fn boots_and_shutdowns_at_once_come_one_after_the_other() {
    let log = Log::default();
    let registry = chain(&log);

    let (first, second, stopped) = tokio::join!(
        registry.boot_all(&()),
        registry.boot_all(&()),
        registry.shutdown_all(&()),
    );

    assert!(first.is_ok() && second.is_ok() && stopped.is_ok());
    let booted = ["boot store", "boot cache", "boot http"];
    let stopped = ["shutdown http", "shutdown cache", "shutdown store"];
    assert_eq!(taken(&log), [booted, stopped].concat());
}
