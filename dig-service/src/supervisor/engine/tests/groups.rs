//! Restarts of several children at once.

use super::*;
use crate::decl::{OnGiveUp, Strategy};

fn three(strategy: Strategy) -> Supervisor {
    Supervisor::new()
        .strategy(strategy)
        .child(quick("a"))
        .child(quick("b"))
        .child(quick("c"))
}

#[tokio::test(start_paused = true)]
async fn i40_all_are_stopped_in_reverse_before_any_is_started_in_order() {
    let mut world = World::begun(three(Strategy::OneForAll));

    world.fail("/b");

    assert_eq!(world.log(), ["cancel /c 1.1", "cancel /a 1.1"]);
    world.exit("/a", ChildExit::Completed);
    assert_eq!(world.log(), Vec::<String>::new(), "one is still there");
    world.exit("/c", ChildExit::Completed);
    assert_eq!(
        world.log(),
        ["spawn /a 1.2", "spawn /b 1.2", "spawn /c 1.2"]
    );
}

#[tokio::test(start_paused = true)]
async fn i40_rest_for_one_takes_later_ones_only() {
    let mut world = World::begun(three(Strategy::RestForOne));

    world.fail("/b");

    assert_eq!(world.log(), ["cancel /c 1.1"]);
    world.obey();
    assert_eq!(world.log(), ["spawn /b 1.2", "spawn /c 1.2"]);
    world.fail("/c");
    assert_eq!(world.log(), ["spawn /c 1.3"]);
}

#[tokio::test(start_paused = true)]
async fn group_restart_counts_once_and_for_who_failed() {
    let limit = Intensity::new(1, 60 * SECOND).unwrap();
    let spec = |name| {
        quick(name)
            .intensity(limit)
            .on_give_up(OnGiveUp::Quarantine)
    };
    let mut world = World::begun(
        Supervisor::new()
            .strategy(Strategy::OneForAll)
            .intensity(Intensity::new(2, 60 * SECOND).unwrap())
            .child(spec("a"))
            .child(spec("b")),
    );

    world.fail("/a");
    world.obey();
    world.fail("/b");
    world.obey();

    assert_eq!(world.phase("/a"), ChildPhase::Running);
    assert_eq!(world.phase("/b"), ChildPhase::Running);
    world.fail("/a");
    assert_eq!(world.phase("/a"), ChildPhase::Quarantined);
}

#[tokio::test(start_paused = true)]
async fn delay_of_who_failed_holds_back_all_and_waiting_children_lose_their_timers() {
    let unlimited = |name| child(name).intensity(Intensity::unlimited());
    let mut world = World::begun(
        Supervisor::new()
            .strategy(Strategy::RestForOne)
            .child(unlimited("a"))
            .child(unlimited("b")),
    );
    world.fail("/b");
    assert_eq!(world.phase("/b"), ChildPhase::BackingOff);

    world.wait(MILLI * 50);
    world.fail("/a");
    assert_eq!(world.phase("/b"), ChildPhase::Pending);
    world.wait(MILLI * 99);
    assert_eq!(
        world.log(),
        Vec::<String>::new(),
        "b's own timer has passed"
    );
    world.wait(MILLI);

    assert_eq!(world.log(), ["spawn /a 1.2", "spawn /b 1.2"]);
}

#[tokio::test(start_paused = true)]
async fn siblings_that_fail_while_they_stop_are_no_further_restart() {
    let mut world = World::begun(three(Strategy::OneForAll));
    world.fail("/a");
    world.log();

    world.fail("/c");
    world.exit("/b", ChildExit::Panicked("late".into()));

    assert_eq!(
        world.log(),
        ["spawn /a 1.2", "spawn /b 1.2", "spawn /c 1.2"]
    );
}

#[tokio::test(start_paused = true)]
async fn stubborn_siblings_are_aborted_side_by_side_within_one_budget() {
    let mut world = World::begun(three(Strategy::OneForAll));
    world.fail("/a");
    world.log();

    world.wait(5 * SECOND);

    let mut aborted = world.log();
    aborted.sort();
    assert_eq!(aborted, ["abort /b 1.1", "abort /c 1.1"]);
    while let Some((_, life)) = world.aborted.pop_first() {
        world.end(life, ChildExit::Cancelled);
    }
    assert_eq!(world.log().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn paused_and_removed_children_take_no_part() {
    let mut world = World::begun(three(Strategy::OneForAll));
    world.steer("/c", Steer::Pause).unwrap();
    world.obey();
    world.fail("/a");
    assert_eq!(world.steer("/b", Steer::Remove), Ok(Decision::Stopping));
    world.log();

    world.obey();

    assert_eq!(world.log(), ["spawn /a 1.2"]);
    assert_eq!(world.phase("/c"), ChildPhase::Paused);
    assert_eq!(world.engine.phase(world.id("/b")), None);
}

#[tokio::test(start_paused = true)]
async fn stuck_sibling_is_left_out_and_joins_when_it_is_gone() {
    let mut world = World::begun(three(Strategy::OneForAll));
    world.fail("/a");
    world.exit("/c", ChildExit::Completed);
    world.log();

    world.wait(6 * SECOND);

    assert_eq!(
        world.log(),
        ["abort /b 1.1", "spawn /a 1.2", "spawn /c 1.2"]
    );
    assert_eq!(world.phase("/b"), ChildPhase::Failed);
    world.exit("/b", ChildExit::Cancelled);
    assert_eq!(world.log(), ["spawn /b 1.2"]);
}
