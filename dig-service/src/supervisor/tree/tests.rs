use std::time::Duration;

use super::*;
use crate::decl::{Backoff, Intensity};

fn child(name: &'static str) -> ChildSpec {
    ChildSpec::factory(name, |_| std::future::ready(Ok(())))
}

fn plan(supervisor: Supervisor) -> Result<Plan, String> {
    Planner::new(0, Arc::default())
        .root(supervisor, 0)
        .map_err(|error| error.to_string())
}

#[test]
fn bad_trees_are_named_with_the_remedy() {
    let second = Duration::from_secs(1);
    let slow = Backoff::new(10 * second, 10 * second).unwrap();
    let limit = Intensity::new(5, second).unwrap();
    let group = |name: &'static str| ChildSpec::group(name, Supervisor::new().child(child("x")));
    let factory =
        |_: crate::supervisor::ChildContext, _: serde_json::Value| std::future::ready(Ok(()));
    let explicit = Readiness::Explicit { deadline: second };
    for (children, what) in [
        (vec![child(" ")], "` ` is no name for a child"),
        (vec![child("a/b")], "`a/b` is no name for a child"),
        (vec![child("a"), child("a")], "two children are called `a`"),
        (
            vec![child("a").depends_on("b")],
            "child `/a` depends on `b`, which is no sibling",
        ),
        (vec![child("a").depends_on("a")], "in a circle: a -> a"),
        (
            vec![
                child("a").depends_on("b"),
                child("b").depends_on("c"),
                child("c").depends_on("b"),
            ],
            "in a circle: b -> c -> b",
        ),
        (
            vec![child("a").backoff(slow).intensity(limit)],
            "the limit of child `/a` cannot be reached",
        ),
        (
            vec![group("g").heartbeat(second)],
            "`heartbeat` means nothing",
        ),
        (
            vec![group("g").readiness(explicit)],
            "`readiness` means nothing",
        ),
        (
            vec![ChildSpec::group(
                "g",
                Supervisor::new().child(child("y").depends_on("x")),
            )],
            "child `/g/y` depends on `x`",
        ),
    ] {
        let mut supervisor = Supervisor::new();
        supervisor.children = children;
        let error = plan(supervisor).map(|_| ()).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
    let inner = Supervisor::new().factory("feed", factory);
    let twice = Supervisor::new()
        .factory("feed", factory)
        .child(ChildSpec::group("g", inner));
    let error = plan(twice).map(|_| ()).unwrap_err();
    assert!(
        error.contains("two factories have the key `feed`"),
        "{error}"
    );
}

#[test]
fn levels_count_what_depends_on_one_another_below() {
    let supervisor = Supervisor::new()
        .child(child("top").depends_on("left").depends_on("base"))
        .child(child("left").depends_on("base"))
        .child(child("base"))
        .child(child("alone"));

    let plan = plan(supervisor).unwrap();

    let levels: Vec<_> = plan
        .group
        .unwrap()
        .children
        .iter()
        .map(|p| p.level)
        .collect();
    assert_eq!(levels, [2, 1, 0, 0]);
}

/// A chain of 10 000 and a ladder of diamonds: neither the stack nor the time is spent on them.
#[test]
fn long_chains_and_many_diamonds_are_planned() {
    let mut chain = Supervisor::new();
    for place in 0..10_000 {
        let mut spec = ChildSpec::factory(format!("c{place}"), |_| std::future::ready(Ok(())));
        if place > 0 {
            spec = spec.depends_on(format!("c{}", place - 1));
        }
        chain.children.push(spec);
    }
    let chain = plan(chain).unwrap().group.unwrap();
    assert_eq!(chain.children[9_999].level, 9_999);

    let mut ladder = Supervisor::new();
    for rung in 0..100 {
        for side in ["l", "r"] {
            let mut spec =
                ChildSpec::factory(format!("{side}{rung}"), |_| std::future::ready(Ok(())));
            if rung > 0 {
                spec = spec
                    .depends_on(format!("l{}", rung - 1))
                    .depends_on(format!("r{}", rung - 1));
            }
            ladder.children.push(spec);
        }
    }
    assert_eq!(plan(ladder).unwrap().group.unwrap().children[199].level, 99);
}
