//! Stopping one, and all.

use super::*;
use crate::supervisor::StopHow;

fn shut(world: &mut World, budget: Duration) {
    let deadline = Some(world.now + budget);
    world.handle(Event::Shut { deadline });
}

fn how(world: &World, path: &str) -> StopHow {
    let ends = &world.reports[0].children;
    let found: Vec<_> = ends.iter().filter(|end| &*end.path == path).collect();
    assert_eq!(found.len(), 1, "{path} in {ends:?}");
    found[0].how
}

#[tokio::test(start_paused = true)]
async fn stop_goes_from_token_to_abort_to_stuck_by_its_own_timers() {
    let mut world = World::begun(Supervisor::new().child(quick("a").stop_budget(2 * SECOND)));
    world.steer("/a", Steer::Pause).unwrap();
    assert_eq!(world.log(), ["cancel /a 1.1"]);

    world.wait(2 * SECOND - MILLI);
    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(MILLI);
    assert_eq!(world.log(), ["abort /a 1.1"]);
    world.wait(SECOND - MILLI);
    assert_eq!(world.phase("/a"), ChildPhase::Stopping);
    world.wait(MILLI);
    assert_eq!(world.phase("/a"), ChildPhase::Failed);

    // I42: nothing is started beside it, whatever is asked.
    assert_eq!(world.steer("/a", Steer::Restart), Ok(Decision::Queued));
    assert_eq!(world.log(), Vec::<String>::new());
    world.exit("/a", ChildExit::Cancelled);
    assert_eq!(world.log(), ["spawn /a 2.1"]);
}

#[tokio::test(start_paused = true)]
async fn i42_hung_child_is_stopped_and_restarted_and_a_stuck_one_is_not() {
    let spec = quick("a").heartbeat(3 * SECOND);
    let mut world = World::begun(Supervisor::new().child(spec));
    for _ in 0..5 {
        world.beat = Some(world.now);
        world.wait(2 * SECOND);
    }
    assert_eq!(world.log(), Vec::<String>::new());

    world.wait(2 * SECOND);
    assert_eq!(world.log(), ["cancel /a 1.1"]);
    world.exit("/a", ChildExit::Completed);
    assert_eq!(world.log(), ["spawn /a 1.2"]);

    world.beat = None;
    let last = world.now;
    world.beat = Some(last);
    world.wait(60 * SECOND);
    assert_eq!(world.log(), ["cancel /a 1.2", "abort /a 1.2"]);
    assert_eq!(world.phase("/a"), ChildPhase::Failed);
}

#[tokio::test(start_paused = true)]
async fn i42_heartbeat_at_its_limit_is_fresh_and_one_beyond_is_not() {
    let spec = quick("a").heartbeat(3 * SECOND);
    let mut world = World::begun(Supervisor::new().child(spec));
    world.beat = Some(world.now);

    world.wait(3 * SECOND);
    assert_eq!(world.phase("/a"), ChildPhase::Running);
    world.wait(MILLI);

    assert_eq!(world.phase("/a"), ChildPhase::Stopping);
}

#[tokio::test(start_paused = true)]
async fn shutdown_stops_side_by_side_and_reports_each() {
    let group = Supervisor::new().child(child("x")).child(child("y"));
    let mut world = World::begun(
        Supervisor::new()
            .child(child("a"))
            .child(ChildSpec::group("group", group))
            .child(child("waits").depends_on("a"))
            .child(child("done")),
    );
    world.exit("/done", ChildExit::Completed);

    shut(&mut world, 8 * SECOND);

    assert_eq!(
        world.log(),
        [
            "cancel /waits 1.1",
            "cancel /group/y 1.1",
            "cancel /group/x 1.1"
        ],
        "`a` is needed by `waits`"
    );
    world.exit("/waits", ChildExit::Completed);
    assert_eq!(world.log(), ["cancel /a 1.1"]);
    world.exit("/a", ChildExit::Failed("while stopping".into()));
    world.exit("/group/x", ChildExit::Completed);
    assert!(world.reports.is_empty());
    world.wait(8 * SECOND);

    assert_eq!(world.log(), ["abort /group/y 1.1"]);
    assert_eq!(world.reports.len(), 1);
    assert_eq!(
        world.reports[0].took,
        6 * SECOND,
        "its own budget, and the abort's"
    );
    assert_eq!(how(&world, "/done"), StopHow::AlreadyStopped);
    assert_eq!(how(&world, "/a"), StopHow::Graceful);
    assert_eq!(how(&world, "/group/x"), StopHow::Graceful);
    assert_eq!(how(&world, "/group/y"), StopHow::Stuck);
    for path in ["/", "/a", "/group", "/group/x", "/waits", "/done"] {
        assert_eq!(world.phase(path), ChildPhase::Stopped, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn stubborn_children_share_one_budget_even_if_they_depend_on_one_another() {
    let mut world = World::begun(
        Supervisor::new()
            .child(child("a"))
            .child(child("b").depends_on("a"))
            .child(child("c").depends_on("b"))
            .child(child("d")),
    );
    let began = world.now;
    shut(&mut world, 9 * SECOND);
    let (mut seen, mut at) = (Vec::new(), Vec::new());
    while world.reports.is_empty() {
        world.wait(MILLI * 10);
        let log = world.log();
        at.extend(std::iter::repeat_n(world.now - began, log.len()));
        seen.extend(log);
        // Aborts act at once here.
        while let Some((_, life)) = world.aborted.pop_first() {
            world.end(life, ChildExit::Cancelled);
        }
        assert!(world.now - began <= 9 * SECOND, "{seen:?}");
    }

    assert_eq!(how(&world, "/a"), StopHow::Aborted);
    let place = |what: &str| seen.iter().position(|line| line == what);
    assert!(place("abort /c 1.1") < place("cancel /b 1.1"), "{seen:?}");
    assert!(place("abort /b 1.1") < place("cancel /a 1.1"), "{seen:?}");
    // Each level has an even part of what is left.
    let when = |what: &str| place(what).map(|place| at[place]);
    assert!(
        when("cancel /b 1.1") <= Some(3 * SECOND),
        "{seen:?}, {at:?}"
    );
    assert!(
        when("cancel /a 1.1") <= Some(6 * SECOND),
        "{seen:?}, {at:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn hurry_aborts_all_at_once() {
    let mut world = World::begun(
        Supervisor::new()
            .child(child("a"))
            .child(child("b").depends_on("a")),
    );
    shut(&mut world, 60 * SECOND);
    world.log();

    world.handle(Event::Hurry);

    assert_eq!(
        world.log(),
        ["cancel /a 1.1", "abort /a 1.1", "abort /b 1.1"]
    );
    world.wait(SECOND);
    assert_eq!(how(&world, "/a"), StopHow::Stuck);
    assert_eq!(how(&world, "/b"), StopHow::Stuck);
}

#[tokio::test(start_paused = true)]
async fn i34_stop_disables_restarts_and_takes_timers_away() {
    let mut world = World::begun(Supervisor::new().child(child("waits")).child(quick("runs")));
    world.fail("/waits");
    assert_eq!(world.phase("/waits"), ChildPhase::BackingOff);

    shut(&mut world, 5 * SECOND);
    world.fail("/runs");
    world.wait(60 * SECOND);

    assert_eq!(world.log(), ["cancel /runs 1.1"]);
    assert_eq!(how(&world, "/waits"), StopHow::AlreadyStopped);
    assert_eq!(how(&world, "/runs"), StopHow::Graceful);
    assert_eq!(world.engine.next_due(), None);
}

#[tokio::test(start_paused = true)]
async fn shutdown_while_giving_up_takes_over() {
    let limit = Intensity::new(0, SECOND).unwrap();
    let mut world = World::begun(
        Supervisor::new()
            .child(quick("a").intensity(limit))
            .child(child("b").stop_budget(60 * SECOND)),
    );
    world.fail("/a");
    world.log();

    shut(&mut world, 2 * SECOND);
    world.wait(2 * SECOND);

    assert_eq!(world.log(), ["abort /b 1.1"]);
    assert_eq!(how(&world, "/b"), StopHow::Stuck);
    assert_eq!(world.reports.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn shutdown_of_a_tree_that_gave_up_reports_at_once() {
    let limit = Intensity::new(0, SECOND).unwrap();
    let mut world = World::begun(Supervisor::new().child(quick("a").intensity(limit)));
    world.fail("/a");
    assert_eq!(world.fatal.len(), 1);

    shut(&mut world, SECOND);

    assert_eq!(how(&world, "/a"), StopHow::AlreadyStopped);
}

/// A short time for all still has room for who returns in it.
#[tokio::test(start_paused = true)]
async fn abort_takes_a_quarter_of_a_short_time_at_most() {
    let mut world = World::begun(Supervisor::new().child(child("a")).child(child("b")));
    shut(&mut world, SECOND);
    world.log();

    world.wait(MILLI * 749);
    assert_eq!(world.log(), Vec::<String>::new());
    world.exit("/a", ChildExit::Completed);
    world.wait(MILLI * 251);

    assert_eq!(how(&world, "/a"), StopHow::Graceful);
    assert_eq!(how(&world, "/b"), StopHow::Stuck);
    assert_eq!(world.reports[0].took, SECOND);
}

/// I34. A group that waits until those that need it are gone restarts nothing meanwhile, nor do
/// the groups in it.
#[tokio::test(start_paused = true)]
async fn i34_group_that_is_to_stop_restarts_nothing_while_it_waits() {
    let inner = Supervisor::new().child(child("y"));
    let group = Supervisor::new()
        .child(child("x"))
        .child(ChildSpec::group("inner", inner));
    let mut world = World::begun(
        Supervisor::new()
            .child(ChildSpec::group("group", group))
            .child(child("needs").depends_on("group")),
    );
    shut(&mut world, 60 * SECOND);
    assert_eq!(world.log(), ["cancel /needs 1.1"]);

    world.fail("/group/x");
    world.fail("/group/inner/y");

    assert_eq!(world.phase("/group/x"), ChildPhase::Failed);
    assert_eq!(world.phase("/group/inner/y"), ChildPhase::Failed);
    world.obey();
    assert_eq!(world.reports.len(), 1);
}

/// The budget of a group is that of its children together, whatever theirs are.
#[tokio::test(start_paused = true)]
async fn groups_budget_bounds_its_children() {
    let group = |name, budget: Option<Duration>| {
        let inner = Supervisor::new().child(child("x").stop_budget(60 * SECOND));
        let spec = ChildSpec::group(name, inner);
        match budget {
            Some(budget) => spec.stop_budget(budget),
            None => spec,
        }
    };
    let mut world = World::begun(
        Supervisor::new()
            .child(group("short", Some(2 * SECOND)))
            .child(group("without", None)),
    );
    world.steer("/short", Steer::Pause).unwrap();
    world.steer("/without", Steer::Pause).unwrap();
    world.log();

    world.wait(2 * SECOND);

    assert_eq!(world.log(), ["abort /short/x 1.1"]);
    assert_eq!(world.phase("/short"), ChildPhase::Paused);
    assert_eq!(world.phase("/without"), ChildPhase::Stopping);
    world.wait(58 * SECOND);
    assert_eq!(world.log(), ["abort /without/x 1.1"]);
}
