//! Starts and ends.

use super::*;

#[tokio::test(start_paused = true)]
async fn children_stop_side_by_side_while_run_returns_and_before_on_stop() {
    let story = Story::default();
    let second = telling(&story, "b", 2 * SECOND);
    let service = Service::builder(Node(story.clone()))
        .supervise(telling(&story, "a", SECOND))
        .supervise(second.depends_on("a"))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let stopping = async {
        let running = supervisor.wait_for("b", ChildPhase::Running).await;
        running.map(|_| ()).unwrap();
        tokio::time::sleep(SECOND).await;
        handle.request_shutdown(ShutdownReason::RpcRequested);
        Instant::now()
    };

    let (status, began) = tokio::join!(service.start(), stopping);

    assert!(status.unwrap().is_graceful());
    let mut told = story.all();
    told[1..3].sort();
    assert_eq!(
        told,
        [
            "pre_start",
            "b is told",
            "run is told",
            "run returns",
            "b returns",
            "a is told",
            "a returns",
            "on_stop"
        ]
        .map(str::to_owned)
    );
    assert_eq!(
        began.elapsed(),
        3 * SECOND,
        "two of them, and one that is needed"
    );
}

#[tokio::test(start_paused = true)]
async fn i39_child_that_is_given_up_stops_the_service_with_fatal_and_its_name() {
    let limit = Intensity::new(1, 60 * SECOND).unwrap();
    let story = Story::default();
    let service = Service::builder(Node(story.clone()))
        .supervise(telling(&story, "a", SECOND))
        .supervise(failing("feed").intensity(limit))
        .build();
    let handle = service.handle();

    let status = service.start().await.unwrap();

    let ExitReason::RequestedShutdown(ShutdownReason::Fatal(what)) = &status.reason else {
        panic!("{status:?}");
    };
    assert!(
        what.contains("child `/feed`") && what.contains("no route"),
        "{what}"
    );
    assert_eq!(dig_service::ExitCodes::Sysexits.code(&Ok(status)), 70);
    // The others were stopped before the supervisor failed upward.
    let told = story.all();
    let place = |what: &str| told.iter().position(|told| told == what);
    assert!(place("a returns") < place("run is told"), "{told:?}");
    let report = handle.exit_report().unwrap();
    assert_eq!(report.restarts.get("/feed"), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn stubborn_children_are_aborted_within_the_tasks_share_and_named() {
    let stubborn =
        |name| ChildSpec::factory(name, |_| std::future::pending()).stop_budget(60 * SECOND);
    let story = Story::default();
    let service = Service::builder(Node(story.clone()))
        .supervise(stubborn("x"))
        .supervise(stubborn("y"))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let stopping = async {
        let _ = supervisor.wait_for("y", ChildPhase::Running).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        Instant::now()
    };

    let (status, began) = tokio::join!(service.start(), stopping);

    let error = status.unwrap_err();
    assert!(
        matches!(
            error,
            ServiceError::ShutdownDeadlineExceeded { pending: 2, .. }
        ),
        "{error:?}"
    );
    assert!(began.elapsed() <= 13 * SECOND, "{:?}", began.elapsed());
    let mut late = handle.exit_report().unwrap().late;
    late.sort();
    assert_eq!(late, ["/x", "/y"]);
    assert!(handle.exit_report().unwrap().stuck.is_empty());
    assert_eq!(story.all().last().map(String::as_str), Some("on_stop"));
}

#[tokio::test(start_paused = true)]
async fn second_request_aborts_the_children_at_once() {
    let story = Story::default();
    let service = Service::builder(Node(story.clone()))
        .supervise(telling(&story, "slow", 4 * SECOND))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let stopping = async {
        let _ = supervisor.wait_for("slow", ChildPhase::Running).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        tokio::time::sleep(SECOND).await;
        handle.hurry_shutdown(ShutdownReason::UserRequested);
        Instant::now()
    };

    let (_, hurried) = tokio::join!(service.start(), stopping);

    assert!(hurried.elapsed() < SECOND, "{:?}", hurried.elapsed());
    assert_eq!(handle.exit_report().unwrap().late, ["run", "/slow"]);
}

#[tokio::test(start_paused = true)]
async fn i43_children_that_are_not_in_order_are_an_error_before_any_hook() {
    let story = Story::default();
    let service = Service::builder(Node(story.clone()))
        .supervise(failing("a").depends_on("b"))
        .build();

    let error = service.start().await.unwrap_err();

    let ServiceError::PreStartFailed(cause) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        cause.to_string(),
        "child `/a` depends on `b`, which is no sibling of it"
    );
    assert_eq!(story.all(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn commands_wait_for_the_service_and_are_refused_after_it() {
    let story = Story::default();
    let service = Service::builder(Node(story.clone())).build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let added = async {
        let spec = telling(&story, "late", SECOND);
        let added = supervisor.add(spec, audit()).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        added
    };

    let (status, added) = tokio::join!(service.start(), added);

    assert!(status.unwrap().is_graceful());
    assert_eq!(&*added.unwrap().path, "/late");
    assert!(story.all().contains(&"late returns".to_owned()));
    let refused = supervisor
        .add(telling(&story, "later", SECOND), audit())
        .await;
    assert_eq!(refused, Err(CommandError::Stopping));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_child_before_the_start_is_told_or_let_go() {
    let service = Service::builder(Node::default())
        .supervise(telling(&Story::default(), "a", SECOND))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let waiting = async {
        let running = supervisor.wait_for("a", ChildPhase::Running).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        running.map(|status| status.starts)
    };
    let (starts, _) = tokio::join!(waiting, service.start());
    assert_eq!(starts, Ok(1));

    let never = Service::builder(Node::default()).build();
    let supervisor = never.handle().supervisor();
    let waiting = supervisor.wait_for("a", ChildPhase::Running);
    let ((), gone) = tokio::join!(async { drop(never) }, waiting);
    assert!(gone.is_err());
}

#[tokio::test(start_paused = true)]
async fn rules_of_the_services_supervisor_are_live() {
    let limit = Intensity::new(2, 60 * SECOND).unwrap();
    let quick = |name| {
        failing(name)
            .backoff(Backoff::none())
            .intensity(Intensity::unlimited())
    };
    let service = Service::builder(Node::default())
        .supervise(quick("first"))
        .supervisor(Supervisor::new().intensity(limit).child(quick("second")))
        .build();
    let handle = service.handle();

    let status = service.start().await.unwrap();

    assert!(
        status
            .reason
            .to_string()
            .contains("of its children were not enough"),
        "{status:?}"
    );
    let restarts = handle.exit_report().unwrap().restarts;
    assert_eq!(restarts.values().sum::<u64>(), 2, "{restarts:?}");
}

#[tokio::test]
async fn i32_dropped_service_leaves_no_child() {
    let story = Story::default();
    let service = Service::builder(Node::default())
        .supervise(telling(&story, "a", SECOND))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let running = async {
        let running = supervisor.wait_for("a", ChildPhase::Running).await;
        running.map(|_| ())
    };
    tokio::select! {
        _ = service.start() => panic!("nobody asked it to stop"),
        running = running => running.unwrap(),
    }

    let gone = async {
        while !handle.all_tasks().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(20);
    assert!(tokio::time::timeout(patience, gone).await.is_ok());
    assert_eq!(
        supervisor.restart("a", audit()).await,
        Err(CommandError::Stopping)
    );
}

/// Told to stop by an operator, the children are down, and the service goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn child_that_was_stuck_when_all_were_stopped_is_forgotten_when_it_is_gone() {
    let (spec, release) = blocking("blocks");
    let service = Service::builder(Node::default()).supervise(spec).build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let steering = async {
        supervisor
            .wait_for("blocks", ChildPhase::Running)
            .await
            .unwrap();
        let budget = Duration::from_millis(50);
        let report = supervisor.shutdown_tree(budget, audit()).await.unwrap();
        assert_eq!(report.children[0].how, StopHow::Stuck);
        assert_eq!(handle.stuck_children(), ["/blocks"]);
        let again = supervisor.shutdown_tree(budget, audit()).await.unwrap();
        assert!(Arc::ptr_eq(&report, &again));
        let late = supervisor.wait_for("blocks", ChildPhase::Stopped).await;
        assert_eq!(late.map(|_| ()), Err(CommandError::Stopping));

        release.send(()).unwrap();
        while !handle.is_alive() {
            tokio::task::yield_now().await;
        }
        assert!(handle.is_running());
        handle.hurry_shutdown(ShutdownReason::UserRequested);
    };

    let _ = tokio::join!(service.start(), steering);

    assert!(handle.exit_report().unwrap().stuck.is_empty());
}

/// A thread that is blocked is nothing the process can mend by itself: liveness says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i42_service_with_a_stuck_child_is_not_alive() {
    let (spec, release) = blocking("blocks");
    let service = Service::builder(Node::default())
        .supervise(spec.stop_budget(Duration::from_millis(20)))
        .build();
    let handle = service.handle();
    let supervisor = handle.supervisor();
    let steering = async {
        supervisor.pause("blocks", audit()).await.unwrap();
        let stuck = supervisor.wait_for("blocks", ChildPhase::Failed).await;
        assert!(stuck.unwrap().is_stuck);
        assert!(!handle.is_alive());
        release.send(()).unwrap();
        supervisor
            .wait_for("blocks", ChildPhase::Paused)
            .await
            .unwrap();
        assert!(handle.is_alive());
        handle.hurry_shutdown(ShutdownReason::UserRequested);
    };

    let _ = tokio::join!(service.start(), steering);

    assert!(handle.exit_report().unwrap().stuck.is_empty());
}
