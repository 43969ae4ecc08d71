//! Lives of services, at random, against a model that was written from what is promised and not
//! from how it is done.
//!
//! Each case runs on a paused clock. A case in which two things come at almost the same moment has
//! more than one right answer, and is left out.

mod case;
mod naive;
mod node;

use std::time::Duration;

use dig_service::testing::{Trial, TrialOutcome};
use dig_service::{Deadlines, ExitReason, ServiceError, ShutdownReason};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::time::Instant;

use self::case::{Case, Request, Why};
use self::naive::{Expected, expect};
use self::node::Told;

/// How many cases are lived through in each run.
const CASES: u32 = 10_000;

/// The same cases in each run, so that a failure is there tomorrow. Any other number is as good:
/// set `DIG_MODEL_SEED` to try one.
const SEED: u64 = 0x0d16_5e12;

/// How far the clock of the runtime, which counts milliseconds, may be from that of the model.
const ROUNDING: Duration = Duration::from_millis(4);

fn live(case: &Case) -> (TrialOutcome, bool) {
    let node = Told::new(case.clone());
    let registry = node.registry();
    let mut deadlines = Deadlines::default();
    if case.has_drain {
        deadlines = deadlines.drain(Duration::from_millis(naive::DRAIN));
    }
    let outcome = Trial::new(node).deadlines(deadlines).run(async |life| {
        let began = Instant::now();
        for (at, request) in &case.requests {
            if *at > 0 {
                tokio::time::sleep_until(began + Duration::from_millis(*at)).await;
            }
            match request {
                Request::Ask(why) => life.handle().request_shutdown(reason(*why)),
                Request::Hurry(why) => life.handle().hurry_shutdown(reason(*why)),
                Request::Cancel(why) => {
                    life.handle().shutdown_token().cancel(reason(*why));
                }
            }
        }
    });
    let is_degraded = registry.get().is_some_and(|tasks| tasks.is_degraded());
    (outcome, is_degraded)
}

fn reason(why: Why) -> ShutdownReason {
    match why {
        Why::User => ShutdownReason::UserRequested,
        Why::Rpc => ShutdownReason::RpcRequested,
        Why::Reload => ShutdownReason::ReloadRequested,
        Why::Fatal => ShutdownReason::Fatal("the script says so".to_owned()),
    }
}

/// What `start` returned, in the words of the model.
fn returned(outcome: &TrialOutcome) -> String {
    match &outcome.result {
        Ok(status) => match &status.reason {
            ExitReason::RunCompleted => "completed".to_owned(),
            ExitReason::RequestedShutdown(ShutdownReason::Fatal(_)) => "asked: Fatal".to_owned(),
            ExitReason::RequestedShutdown(reason) => {
                let whys = [Why::User, Why::Rpc, Why::Reload];
                let why = whys.iter().find(|why| self::reason(**why) == *reason);
                why.map_or_else(
                    || format!("asked: {reason:?}"),
                    |why| format!("asked: {why:?}"),
                )
            }
            ExitReason::RunError(error) => format!("run error in Ok: {error}"),
        },
        Err(ServiceError::PreStartFailed(_)) => "pre_start failed".to_owned(),
        Err(ServiceError::OnStartFailed(_)) => "on_start failed".to_owned(),
        Err(ServiceError::RunFailed(_)) => "run failed".to_owned(),
        Err(ServiceError::OnStopFailed(_)) => "on_stop failed".to_owned(),
        Err(ServiceError::ShutdownDeadlineExceeded { pending, .. }) => format!("late: {pending}"),
        Err(other) => format!("{other:?}"),
    }
}

fn compare(expected: &Expected, outcome: &TrialOutcome, is_degraded: bool) -> Result<(), String> {
    let steps = outcome.report.errors.iter().map(|error| error.step);
    let steps: Vec<_> = steps.collect();
    let pairs = [
        ("returned", expected.returned.clone(), returned(outcome)),
        (
            "hooks",
            expected.hooks.join(", "),
            outcome.transcript.ends().join(", "),
        ),
        ("errors", expected.errors.join(", "), steps.join(", ")),
        (
            "degraded",
            expected.is_degraded.to_string(),
            is_degraded.to_string(),
        ),
    ];
    for (what, expected, seen) in pairs {
        if expected != seen {
            return Err(format!(
                "{what}: the model says `{expected}`, the service `{seen}`"
            ));
        }
    }
    let took = Duration::from_millis(expected.took);
    match took.abs_diff(outcome.elapsed) <= ROUNDING {
        true => Ok(()),
        false => Err(format!(
            "the model takes {took:?}, the service {:?}",
            outcome.elapsed
        )),
    }
}

#[test]
fn ten_thousand_lives_go_as_the_model_says() {
    let seed = std::env::var("DIG_MODEL_SEED").ok();
    let seed = seed.map_or(SEED, |seed| {
        seed.parse().expect("`DIG_MODEL_SEED` is a number")
    });
    println!("seed {seed}, {CASES} cases");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_global_rejects: CASES,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, random);

    let result = runner.run(&case::cases(), |case| {
        let Some(expected) = expect(&case) else {
            return Err(TestCaseError::reject(
                "two things at almost the same moment",
            ));
        };
        let (outcome, is_degraded) = live(&case);
        compare(&expected, &outcome, is_degraded).map_err(TestCaseError::fail)
    });

    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}
