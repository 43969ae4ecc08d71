//! The helpers do what they say, on the paused clock.

use std::time::Duration;

use crate::error::ServiceError;
use crate::lifecycle::Deadlines;
use crate::phase::Phase;
use crate::testing::{Fault, FaultPlan, Place, TestNode, Transcript, Trial, TrialOutcome};

fn live(place: Place, fault: Fault) -> TrialOutcome {
    Trial::new(TestNode::default())
        .fault(place, fault)
        .run(async |life| {
            life.reach(Phase::Running).await;
            life.stop();
        })
}

#[test]
fn every_name_is_read_back() {
    for place in Place::ALL {
        assert_eq!(place.to_string().parse(), Ok(place));
    }
    for fault in Fault::ALL {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    let unknown = "on_strat".parse::<Place>().unwrap_err();
    assert!(unknown.to_string().contains("on_start"), "{unknown}");
    assert!("boom".parse::<Fault>().is_err());
}

#[test]
fn node_without_a_fault_lives_an_ordinary_life() {
    let outcome = Trial::new(TestNode::default()).run(async |life| {
        life.reach(Phase::Running).await;
        life.advance(Duration::from_secs(90)).await;
        life.stop();
    });

    assert!(outcome.result.unwrap().is_graceful());
    assert_eq!(outcome.elapsed, Duration::from_secs(90));
    let expected = [
        "pre_start began",
        "pre_start ok",
        "on_start began",
        "on_start ok",
        "run began",
        "run ok",
        "on_stop began",
        "on_stop ok",
        "post_stop began",
        "post_stop ok",
        "cleanup began",
        "cleanup ok",
    ];
    assert_eq!(outcome.transcript, expected);
    assert_eq!(outcome.transcript.to_string().lines().count(), 12);
}

#[test]
fn task_that_ignores_the_token_is_dropped_before_on_stop() {
    let outcome = live(Place::Task, Fault::IgnoreToken);

    let failed = outcome.result.unwrap_err();
    assert!(matches!(
        failed,
        ServiceError::ShutdownDeadlineExceeded { pending: 1, .. }
    ));
    let lines = outcome.transcript.lines();
    let at = |line: &str| lines.iter().position(|own| own == line);
    assert!(at("task dropped").unwrap() < at("on_stop began").unwrap());
    assert_eq!(outcome.report.late, ["task"]);
}

#[test]
fn late_spawn_is_refused_and_told() {
    for (place, line) in [
        (Place::Run, "run spawn refused"),
        (Place::OnStop, "on_stop spawn refused"),
        (Place::Task, "task spawn refused"),
    ] {
        let outcome = live(place, Fault::SpawnLate);

        assert!(outcome.result.unwrap().is_graceful());
        assert!(outcome.transcript.lines().iter().any(|own| own == line));
    }
}

#[test]
fn two_faults_may_be_in_one_plan() {
    let plan = FaultPlan::new()
        .with(Place::Run, Fault::Error)
        .with(Place::PostStop, Fault::SlowDrop)
        .drop_time(Duration::ZERO);

    let outcome = Trial::new(TestNode::default())
        .faults(plan)
        .deadlines(Deadlines::default().with_total(Duration::from_secs(5)))
        .run(async |_| {});

    assert!(matches!(outcome.result, Err(ServiceError::RunFailed(_))));
    assert_eq!(outcome.report.errors.len(), 2);
    assert!(outcome.elapsed <= Duration::from_secs(5));
}

#[test]
fn hurried_stop_skips_the_grace_of_run() {
    let outcome = Trial::new(TestNode::default())
        .fault(Place::Run, Fault::Hang)
        .run(async |life| {
            life.reach(Phase::Running).await;
            life.stop();
            life.hurry();
        });

    assert_eq!(outcome.elapsed, Duration::ZERO);
}

#[test]
#[should_panic(expected = "`block` at `run` keeps a thread")]
fn fault_that_no_clock_can_wait_for_is_refused() {
    live(Place::Run, Fault::Block);
}

#[test]
#[should_panic(expected = "the service is in phase running after 3600s")]
fn life_without_an_end_is_told() {
    Trial::new(TestNode::default()).run(async |_| {});
}

#[test]
fn transcript_tells_each_line_to_its_echo_in_order() {
    let (sender, told) = std::sync::mpsc::channel();
    let transcript = Transcript::with_echo(move |line| sender.send(line.to_owned()).unwrap());

    transcript.record("a began");
    transcript.clone().record("b began");

    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(transcript, told);
    assert_eq!(transcript.ends(), ["a open", "b open"]);
}
