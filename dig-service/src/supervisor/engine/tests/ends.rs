//! What follows an end.

use super::*;
use crate::decl::OnGiveUp;

#[tokio::test(start_paused = true)]
async fn i34_policies_restart_after_what_they_say() {
    let failed = || ChildExit::Failed("boom".into());
    let panicked = || ChildExit::Panicked("boom".into());
    let (done, rests, again) = (
        ChildExit::Completed,
        ChildPhase::Stopped,
        ChildPhase::BackingOff,
    );
    for (policy, exit, expected) in [
        (RestartPolicy::Always, done.clone(), again),
        (RestartPolicy::Always, failed(), again),
        (RestartPolicy::Always, panicked(), again),
        (RestartPolicy::OnFailure, done.clone(), rests),
        (RestartPolicy::OnFailure, failed(), again),
        (RestartPolicy::OnFailure, panicked(), again),
        (RestartPolicy::OnFailure, ChildExit::Cancelled, again),
        (RestartPolicy::Never, done, rests),
        (RestartPolicy::Never, failed(), ChildPhase::Failed),
        (RestartPolicy::Never, panicked(), ChildPhase::Failed),
    ] {
        let mut world = World::begun(Supervisor::new().child(child("a").restart(policy)));

        world.exit("/a", exit.clone());

        assert_eq!(world.phase("/a"), expected, "{policy} after {exit}");
        assert!(world.fatal.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn i37_delays_grow_and_begin_anew_after_a_stable_run() {
    let mut world =
        World::begun(Supervisor::new().child(child("a").intensity(Intensity::unlimited())));
    for millis in [100, 200, 400, 800] {
        world.fail("/a");
        world.wait(MILLI * millis - MILLI);
        assert_eq!(world.log(), Vec::<String>::new(), "{millis}");
        world.wait(MILLI);
        assert_eq!(world.log().len(), 1, "{millis}");
    }

    world.wait(59 * SECOND);
    world.fail("/a");
    world.wait(MILLI * 1599);
    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(MILLI);
    assert_eq!(world.log(), ["spawn /a 1.6"]);

    world.wait(60 * SECOND);
    world.fail("/a");
    world.wait(MILLI * 100);
    assert_eq!(world.log(), ["spawn /a 1.7"]);
}

#[tokio::test(start_paused = true)]
async fn run_that_was_never_ready_is_no_stable_one() {
    let spec = explicit(child("a"), 3600).intensity(Intensity::unlimited());
    let mut world = World::begun(Supervisor::new().child(spec));
    world.fail("/a");
    world.wait(MILLI * 100);
    world.wait(120 * SECOND);
    world.log();

    world.fail("/a");
    world.wait(MILLI * 199);

    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(MILLI);
    assert_eq!(world.log(), ["spawn /a 1.3"]);
}

#[tokio::test(start_paused = true)]
async fn i38_max_restarts_are_n_and_runs_are_n_plus_one() {
    for max in [0_u32, 1, 3] {
        let limit = Intensity::new(max, 60 * SECOND).unwrap();
        let spec = quick("a").intensity(limit).on_give_up(OnGiveUp::Ignore);
        let mut world = World::of(Supervisor::new().child(spec));
        world.handle(Event::Begin);

        let mut runs = 0;
        while world.live.contains_key(&world.id("/a")) {
            runs += 1;
            // Errors and completions alike.
            match runs % 2 {
                0 => world.exit("/a", ChildExit::Completed),
                _ => world.fail("/a"),
            }
        }

        assert_eq!(runs, max + 1);
        assert_eq!(world.phase("/a"), ChildPhase::Failed);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_are_each_childs_own() {
    let limit = Intensity::new(1, 60 * SECOND).unwrap();
    let spec = |name| {
        quick(name)
            .intensity(limit)
            .on_give_up(OnGiveUp::Quarantine)
    };
    let mut world = World::begun(Supervisor::new().child(spec("a")).child(spec("b")));

    world.fail("/a");
    world.fail("/a");
    world.fail("/b");

    assert_eq!(world.phase("/a"), ChildPhase::Quarantined);
    assert_eq!(world.phase("/b"), ChildPhase::Running);
    assert_eq!(world.log(), ["spawn /a 1.2", "spawn /b 1.2"]);
}

#[tokio::test(start_paused = true)]
async fn supervisor_fails_if_its_children_are_restarted_too_often_together() {
    let limit = Intensity::new(2, 60 * SECOND).unwrap();
    let mut world = World::begun(
        Supervisor::new()
            .intensity(limit)
            .child(quick("a"))
            .child(quick("b"))
            .child(quick("c").on_give_up(OnGiveUp::Ignore)),
    );
    world.fail("/a");
    world.fail("/b");
    assert!(world.fatal.is_empty());

    world.fail("/c");

    assert_eq!(world.phase("/"), ChildPhase::Stopping);
    world.obey();
    assert_eq!(world.fatal.len(), 1);
    assert!(
        world.fatal[0].contains("`/c`, which failed: boom"),
        "{}",
        world.fatal[0]
    );
}

#[tokio::test(start_paused = true)]
async fn i39_giving_up_stops_the_rest_in_reverse_and_then_fails_upward() {
    let limit = Intensity::new(0, SECOND).unwrap();
    let mut world = World::begun(
        Supervisor::new()
            .child(child("a"))
            .child(quick("b").intensity(limit))
            .child(child("c"))
            .child(child("d")),
    );

    world.fail("/b");

    assert_eq!(
        world.log(),
        ["cancel /d 1.1", "cancel /c 1.1", "cancel /a 1.1"]
    );
    assert!(world.fatal.is_empty(), "the others still run");
    world.obey();
    assert_eq!(world.fatal.len(), 1);
    assert!(world.fatal[0].contains("child `/b`"), "{}", world.fatal[0]);
    for path in ["/b", "/"] {
        assert_eq!(world.phase(path), ChildPhase::Failed);
    }
    assert_eq!(world.phase("/a"), ChildPhase::Stopped);
    assert_eq!(world.steer("/a", Steer::Restart), Err(Refusal::Stopping));
}

#[tokio::test(start_paused = true)]
async fn group_that_fails_is_restarted_as_a_whole_without_its_history() {
    let limit = Intensity::new(1, 60 * SECOND).unwrap();
    let inner = Supervisor::new()
        .child(quick("x").intensity(limit))
        .child(quick("y"));
    let group = ChildSpec::group("group", inner).backoff(Backoff::none());
    let mut world = World::begun(Supervisor::new().child(group));

    world.fail("/group/x");
    assert_eq!(world.log(), ["spawn /group/x 1.2"]);
    world.fail("/group/x");
    assert_eq!(world.log(), ["cancel /group/y 1.1"]);
    world.obey();

    assert_eq!(world.log(), ["spawn /group/x 2.1", "spawn /group/y 2.1"]);
    assert_eq!(world.phase("/group"), ChildPhase::Running);
    // Its history is clean: one failure is within its limit again.
    world.fail("/group/x");
    assert_eq!(world.log(), ["spawn /group/x 2.2"]);
    assert!(world.fatal.is_empty());
}

#[tokio::test(start_paused = true)]
async fn work_that_is_done_for_good_is_not_started_again() {
    let mut world = World::begun(Supervisor::new().child(quick("a")));
    let life = world.life("/a");

    world.handle(Event::Last { life });
    world.exit("/a", ChildExit::Completed);

    assert_eq!(world.phase("/a"), ChildPhase::Stopped);
    assert_eq!(world.log(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn failure_of_essential_work_without_a_restart_is_fatal() {
    let spec = child("a").restart(RestartPolicy::Never).essential();
    let mut world = World::begun(Supervisor::new().child(spec).child(child("b")));

    world.fail("/a");
    world.obey();

    assert!(
        world.fatal[0].contains("child `/a`: failed: boom"),
        "{}",
        world.fatal[0]
    );
}
