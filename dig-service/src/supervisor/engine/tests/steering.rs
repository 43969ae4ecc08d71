//! The commands.

use super::*;

#[tokio::test(start_paused = true)]
async fn restart_stops_first_and_begins_a_generation() {
    let mut world = World::begun(Supervisor::new().child(child("a")));

    assert_eq!(world.steer("/a", Steer::Restart), Ok(Decision::Queued));
    assert_eq!(world.log(), ["cancel /a 1.1"]);
    // I41: it is pending already.
    assert_eq!(
        world.steer("/a", Steer::Restart),
        Ok(Decision::AlreadyPending)
    );
    world.obey();

    assert_eq!(world.log(), ["spawn /a 2.1"]);
}

#[tokio::test(start_paused = true)]
async fn i41_restart_of_one_that_backs_off_joins_the_pending_one() {
    let mut world = World::begun(Supervisor::new().child(child("a")));
    world.fail("/a");

    let decision = world.steer("/a", Steer::Restart);

    assert_eq!(decision, Ok(Decision::AlreadyPending));
    assert_eq!(world.log(), Vec::<String>::new());
    world.wait(MILLI * 100);
    assert_eq!(world.log(), ["spawn /a 1.2"]);
}

#[tokio::test(start_paused = true)]
async fn pause_holds_until_resume_starts_a_generation() {
    let mut world = World::begun(Supervisor::new().child(quick("a")));

    assert_eq!(world.steer("/a", Steer::Pause), Ok(Decision::Stopping));
    assert_eq!(
        world.steer("/a", Steer::Pause),
        Ok(Decision::AlreadyPending)
    );
    world.fail("/a");
    assert_eq!(world.phase("/a"), ChildPhase::Paused);
    assert_eq!(world.steer("/a", Steer::Pause), Ok(Decision::Unchanged));
    world.log();
    world.wait(3600 * SECOND);
    assert_eq!(world.log(), Vec::<String>::new());

    assert_eq!(world.steer("/a", Steer::Resume), Ok(Decision::Started));
    assert_eq!(world.log(), ["spawn /a 2.1"]);
    assert_eq!(world.steer("/a", Steer::Resume), Ok(Decision::Unchanged));
}

#[tokio::test(start_paused = true)]
async fn pause_takes_the_timer_of_one_that_backs_off() {
    let mut world = World::begun(Supervisor::new().child(child("a")));
    world.fail("/a");

    assert_eq!(world.steer("/a", Steer::Pause), Ok(Decision::Done));

    world.wait(60 * SECOND);
    assert_eq!(world.log(), Vec::<String>::new());
    assert_eq!(world.phase("/a"), ChildPhase::Paused);
}

#[tokio::test(start_paused = true)]
async fn resume_while_it_still_stops_starts_it_after_the_end() {
    let mut world = World::begun(Supervisor::new().child(child("a")));
    world.steer("/a", Steer::Pause).unwrap();

    assert_eq!(world.steer("/a", Steer::Resume), Ok(Decision::Queued));
    world.obey();

    assert_eq!(world.log(), ["cancel /a 1.1", "spawn /a 2.1"]);
}

#[tokio::test(start_paused = true)]
async fn quarantine_clears_its_history_when_resumed() {
    let limit = Intensity::new(1, 3600 * SECOND).unwrap();
    let spec = quick("a")
        .intensity(limit)
        .on_give_up(crate::decl::OnGiveUp::Quarantine);
    let mut world = World::begun(Supervisor::new().child(spec));
    world.fail("/a");
    world.fail("/a");
    assert_eq!(world.phase("/a"), ChildPhase::Quarantined);
    assert_eq!(world.steer("/a", Steer::Pause), Ok(Decision::Unchanged));
    world.log();

    world.steer("/a", Steer::Resume).unwrap();
    world.fail("/a");

    assert_eq!(world.log(), ["spawn /a 2.1", "spawn /a 2.2"]);
}

#[tokio::test(start_paused = true)]
async fn quarantine_outranks_pause() {
    let mut world = World::begun(Supervisor::new().child(child("a")));
    world.steer("/a", Steer::Pause).unwrap();
    world.obey();

    assert_eq!(world.steer("/a", Steer::Quarantine), Ok(Decision::Done));

    assert_eq!(world.phase("/a"), ChildPhase::Quarantined);
}

#[tokio::test(start_paused = true)]
async fn removal_waits_for_the_end_and_for_dependents() {
    let mut world = World::begun(
        Supervisor::new()
            .child(child("a"))
            .child(child("b").depends_on("a")),
    );
    assert_eq!(
        world.steer("/a", Steer::Remove),
        Err(Refusal::Needed("`/b`".to_owned()))
    );

    assert_eq!(world.steer("/b", Steer::Remove), Ok(Decision::Stopping));
    assert_eq!(
        world.steer("/b", Steer::Remove),
        Ok(Decision::AlreadyPending)
    );
    assert_eq!(world.steer("/b", Steer::Restart), Err(Refusal::Removing));
    world.obey();
    assert_eq!(world.steer("/b", Steer::Restart), Err(Refusal::Unknown));
    assert_eq!(world.steer("/a", Steer::Remove), Ok(Decision::Stopping));
    world.obey();

    world.log();
    world.add(child("a")).unwrap();
    assert_eq!(world.log(), ["spawn /a 1.1"]);
}

#[tokio::test(start_paused = true)]
async fn children_that_are_added_start_when_what_they_need_is_ready() {
    let mut world = World::begun(Supervisor::new().child(explicit(child("a"), 60)));

    world.add(child("b").depends_on("a")).unwrap();
    assert_eq!(world.log(), Vec::<String>::new());
    let life = world.life("/a");
    world.handle(Event::Ready { life });

    assert_eq!(world.log(), ["spawn /b 1.1"]);
}

#[tokio::test(start_paused = true)]
async fn commands_for_a_group_are_for_all_in_it() {
    let inner = || Supervisor::new().child(child("x")).child(child("y"));
    let mut world = World::begun(
        Supervisor::new()
            .child(ChildSpec::group("group", inner()))
            .child(child("b")),
    );

    assert_eq!(world.steer("/group", Steer::Pause), Ok(Decision::Stopping));
    assert_eq!(world.log(), ["cancel /group/y 1.1", "cancel /group/x 1.1"]);
    world.obey();
    assert_eq!(world.phase("/group"), ChildPhase::Paused);
    assert_eq!(world.phase("/group/x"), ChildPhase::Stopped);
    // Its group is down: it waits for that.
    assert_eq!(
        world.steer("/group/x", Steer::Restart),
        Ok(Decision::Queued)
    );
    assert_eq!(world.log(), Vec::<String>::new());

    world.steer("/group", Steer::Resume).unwrap();
    assert_eq!(world.log(), ["spawn /group/x 2.1", "spawn /group/y 2.1"]);
    assert_eq!(world.steer("/group", Steer::Remove), Ok(Decision::Stopping));
    world.obey();
    assert_eq!(world.engine.phase(world.id("/group/x")), None);
    assert_eq!(world.phase("/b"), ChildPhase::Running);
}

#[tokio::test(start_paused = true)]
async fn i41_commands_while_stopping_are_refused_at_once() {
    let mut world = World::begun(Supervisor::new().child(child("a")));
    world.handle(Event::Shut { deadline: None });

    for steer in [
        Steer::Restart,
        Steer::Pause,
        Steer::Resume,
        Steer::Quarantine,
        Steer::Remove,
    ] {
        assert_eq!(world.steer("/a", steer), Err(Refusal::Stopping));
    }
    assert_eq!(world.add(child("b")), Err(Refusal::Stopping));
    assert_eq!(world.steer("/", Steer::Restart), Err(Refusal::Root));
}
