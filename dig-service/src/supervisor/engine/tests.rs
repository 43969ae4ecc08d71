//! The engine in a world of its own: no clock, no task; attempts are entries in a map.

mod ends;
mod groups;
mod model;
mod random;
mod steering;
mod stops;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::world::World;
use super::{Engine, Event, Life, NodeId, Order, Refusal, Steer};
use crate::decl::{Backoff, Intensity, Readiness, RestartPolicy};
use crate::event::ChildChange;
use crate::phase::ChildPhase;
use crate::supervisor::tree::Planner;
use crate::supervisor::{ChildExit, ChildSpec, Decision, Supervisor, TreeReport};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// A child that does nothing: its attempts are driven by the test.
fn child(name: &'static str) -> ChildSpec {
    let spec = ChildSpec::factory(name, |_| std::future::ready(Ok(())));
    let backoff = Backoff::default().with_jitter(0.0).unwrap_or_default();
    spec.backoff(backoff)
}

/// One that is restarted at once, for as often as it takes.
fn quick(name: &'static str) -> ChildSpec {
    child(name)
        .backoff(Backoff::none())
        .intensity(Intensity::unlimited())
        .restart(RestartPolicy::Always)
}

fn explicit(spec: ChildSpec, seconds: u32) -> ChildSpec {
    spec.readiness(Readiness::Explicit {
        deadline: SECOND * seconds,
    })
}

#[tokio::test(start_paused = true)]
async fn children_start_in_the_order_of_their_declaration() {
    let mut world = World::of(
        Supervisor::new()
            .child(child("c"))
            .child(child("a"))
            .child(child("b")),
    );

    world.handle(Event::Begin);

    assert_eq!(
        world.log(),
        ["spawn /c 1.1", "spawn /a 1.1", "spawn /b 1.1"]
    );
    assert_eq!(world.phase("/"), ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn child_starts_when_those_it_depends_on_are_ready_or_done() {
    let mut world = World::of(
        Supervisor::new()
            .child(child("last").depends_on("first").depends_on("job"))
            .child(explicit(child("first"), 10))
            .child(child("job")),
    );
    world.handle(Event::Begin);
    assert_eq!(world.log(), ["spawn /first 1.1", "spawn /job 1.1"]);
    assert_eq!(world.phase("/first"), ChildPhase::Starting);
    assert_eq!(world.phase("/"), ChildPhase::Starting);

    world.exit("/job", ChildExit::Completed);
    assert_eq!(world.log(), Vec::<String>::new());
    let life = world.life("/first");
    world.handle(Event::Ready { life });

    assert_eq!(world.log(), ["spawn /last 1.1"]);
    assert_eq!(world.phase("/"), ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn dependency_that_is_never_ready_is_told_by_its_deadline_and_nothing_hangs() {
    let mut world = World::begun(
        Supervisor::new()
            .child(explicit(child("first"), 10))
            .child(child("second").depends_on("first"))
            .child(child("third")),
    );

    world.wait(9 * SECOND);
    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(SECOND);
    assert_eq!(world.log(), ["cancel /first 1.1"]);
    world.exit("/first", ChildExit::Completed);

    assert_eq!(world.phase("/first"), ChildPhase::BackingOff);
    assert_eq!(world.phase("/second"), ChildPhase::Pending);
    assert_eq!(world.phase("/third"), ChildPhase::Running);
    world.handle(Event::Shut { deadline: None });
    world.obey();
    assert_eq!(world.reports.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn starts_wait_for_their_turn_and_none_is_dropped() {
    let two = std::num::NonZeroUsize::MIN.saturating_add(1);
    let mut supervisor = Supervisor::new().max_concurrent_starts(two);
    for name in ["a", "b", "c", "d", "e"] {
        supervisor = supervisor.child(explicit(child(name), 60));
    }
    let mut world = World::of(supervisor);
    world.handle(Event::Begin);
    assert_eq!(world.log(), ["spawn /a 1.1", "spawn /b 1.1"]);

    let life = world.life("/b");
    world.handle(Event::Ready { life });
    assert_eq!(world.log(), ["spawn /c 1.1"]);
    // One that fails while it starts makes room as well.
    world.fail("/a");
    assert_eq!(world.log(), ["spawn /d 1.1"]);
    for path in ["/c", "/d"] {
        let life = world.life(path);
        world.handle(Event::Ready { life });
    }
    assert_eq!(world.log(), ["spawn /e 1.1"]);
    world.wait(SECOND);
    assert_eq!(world.log(), ["spawn /a 1.2"]);
}

#[tokio::test(start_paused = true)]
async fn i36_stale_exits_and_signs_change_nothing_and_are_recorded() {
    let mut world = World::begun(Supervisor::new().child(explicit(quick("a"), 60)));
    let old = world.life("/a");
    world.fail("/a");
    assert_eq!(world.log(), ["spawn /a 1.2"]);

    world.handle(Event::Ready { life: old });
    assert_eq!(world.phase("/a"), ChildPhase::Starting);
    let exit = ChildExit::Completed;
    world.handle(Event::Exited { life: old, exit });
    world.handle(Event::Beat {
        life: old,
        at: world.now,
    });

    assert_eq!(world.log(), ["stale /a", "stale /a"]);
    assert_eq!(world.life("/a").attempt, 2);
}

#[tokio::test(start_paused = true)]
async fn group_is_ready_when_its_children_are_and_counts_as_one_that_starts() {
    let inner = Supervisor::new()
        .child(explicit(child("x"), 60))
        .child(explicit(child("y"), 60));
    let mut world = World::begun(
        Supervisor::new()
            .max_concurrent_starts(std::num::NonZeroUsize::MIN)
            .child(ChildSpec::group("group", inner))
            .child(explicit(child("after"), 60)),
    );
    assert_eq!(world.phase("/group"), ChildPhase::Starting);
    assert_eq!(world.phase("/after"), ChildPhase::Pending);

    let life = world.life("/group/x");
    world.handle(Event::Ready { life });
    assert_eq!(world.phase("/group"), ChildPhase::Starting);
    let life = world.life("/group/y");
    world.handle(Event::Ready { life });

    assert_eq!(world.phase("/group"), ChildPhase::Running);
    assert_eq!(world.phase("/after"), ChildPhase::Starting);
}
