use super::*;

/// What the world does at a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Ok,
    Fails,
    /// The stop comes while the step runs, and the step returns `Ok` all the same.
    OkAsStopComes,
    /// The stop comes and the step is given up, or returns an error after it.
    Cancelled,
}

/// Walks the plan with one step that does something else than succeed.
fn walk(odd: Step, does: Does) -> (Vec<Step>, Ledger, bool) {
    let mut ledger = Ledger::new();
    let mut is_stop_requested = false;
    let mut steps = Vec::new();
    while let Some(step) = next_step(&mut ledger, is_stop_requested) {
        steps.push(step);
        let does = if step == odd { does } else { Does::Ok };
        is_stop_requested |= matches!(does, Does::OkAsStopComes | Does::Cancelled);
        let end = match does {
            Does::Ok | Does::OkAsStopComes => StepEnd::Ok,
            Does::Fails => StepEnd::Failed(error(step)),
            Does::Cancelled => StepEnd::Cancelled(Some(error(step))),
        };
        if step == Run && !is_stop_requested {
            ledger.record_completed();
            is_stop_requested = true;
        }
        ledger.record(step, end);
    }
    (steps, ledger, is_stop_requested)
}

fn error(step: Step) -> Arc<anyhow::Error> {
    Arc::new(anyhow::anyhow!("{} broke", step.label()))
}

use Step::{
    Attach, Boot, Cleanup, Close, Join, OnStart, OnStop, Open, PostStop, PreStart, Providers, Run,
};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn steps_follow_the_table() {
    let table: &[(Step, Does, &[Step])] = &[
        (
            Run,
            Does::Ok,
            &[
                Attach, PreStart, Open, Boot, OnStart, Run, Join, OnStop, Providers, PostStop,
                Cleanup, Close,
            ],
        ),
        (
            PreStart,
            Does::Fails,
            &[Attach, PreStart, Join, Cleanup, Close],
        ),
        (
            PreStart,
            Does::Cancelled,
            &[Attach, PreStart, Join, Cleanup, Close],
        ),
        (
            PreStart,
            Does::OkAsStopComes,
            &[Attach, PreStart, Join, PostStop, Cleanup, Close],
        ),
        (
            Open,
            Does::Fails,
            &[Attach, PreStart, Open, Join, PostStop, Cleanup, Close],
        ),
        (
            Boot,
            Does::Fails,
            &[
                Attach, PreStart, Open, Boot, Join, Providers, PostStop, Cleanup, Close,
            ],
        ),
        (
            OnStart,
            Does::Fails,
            &[
                Attach, PreStart, Open, Boot, OnStart, Join, Providers, PostStop, Cleanup, Close,
            ],
        ),
        (
            OnStart,
            Does::Cancelled,
            &[
                Attach, PreStart, Open, Boot, OnStart, Join, Providers, PostStop, Cleanup, Close,
            ],
        ),
        (
            OnStart,
            Does::OkAsStopComes,
            &[
                Attach, PreStart, Open, Boot, OnStart, Join, OnStop, Providers, PostStop, Cleanup,
                Close,
            ],
        ),
        (
            Run,
            Does::Fails,
            &[
                Attach, PreStart, Open, Boot, OnStart, Run, Join, OnStop, Providers, PostStop,
                Cleanup, Close,
            ],
        ),
        (
            OnStop,
            Does::Fails,
            &[
                Attach, PreStart, Open, Boot, OnStart, Run, Join, OnStop, Providers, PostStop,
                Cleanup, Close,
            ],
        ),
    ];
    for (odd, does, expected) in table {
        let (steps, ..) = walk(*odd, *does);
        assert_eq!(steps, *expected, "{odd:?} {does:?}");
    }
}

#[test]
fn stop_before_the_start_runs_no_hook() {
    let mut ledger = Ledger::new();

    assert_eq!(next_step(&mut ledger, true), Some(Join));
    ledger.record(Join, StepEnd::Ok);
    assert_eq!(next_step(&mut ledger, true), None);
}

fn result_of(odd: Step, does: Does) -> String {
    let (_, ledger, is_stop_requested) = walk(odd, does);
    let gravest = is_stop_requested.then_some(ShutdownReason::UserRequested);
    match verdict(&ledger, gravest) {
        Ok(status) => format!("{:?}", status.reason),
        Err(failure) => {
            let source = std::error::Error::source(&failure).expect("a hook's error");
            format!("{failure}: {source}")
        }
    }
}

#[test]
fn outcomes_follow_the_table() {
    let table = [
        (Run, Does::Ok, "RunCompleted"),
        (Run, Does::OkAsStopComes, "RequestedShutdown(UserRequested)"),
        (Attach, Does::Fails, "pre_start failed: attachments broke"),
        (PreStart, Does::Fails, "pre_start failed: pre_start broke"),
        (
            PreStart,
            Does::Cancelled,
            "RequestedShutdown(UserRequested)",
        ),
        (
            PreStart,
            Does::OkAsStopComes,
            "RequestedShutdown(UserRequested)",
        ),
        (Open, Does::Fails, "on_start failed: transports broke"),
        (OnStart, Does::Fails, "on_start failed: on_start broke"),
        (OnStart, Does::Cancelled, "RequestedShutdown(UserRequested)"),
        (Run, Does::Fails, "run failed: run broke"),
        (OnStop, Does::Fails, "on_stop failed: on_stop broke"),
        (PostStop, Does::Fails, "on_stop failed: post_stop broke"),
        (Cleanup, Does::Fails, "on_stop failed: cleanup broke"),
    ];
    for (odd, does, expected) in table {
        assert_eq!(result_of(odd, does), expected, "{odd:?} {does:?}");
    }
}

#[test]
fn precedence_is_run_then_on_stop_then_post_stop_then_deadline() {
    let mut failing = vec![Run, OnStop, Providers, PostStop, Cleanup];
    while let Some(gravest) = failing.first().copied() {
        let mut ledger = Ledger::new();
        ledger.record_late(3, Duration::from_secs(13));
        for step in &failing {
            ledger.record(*step, StepEnd::Failed(error(*step)));
        }

        let failure = verdict(&ledger, None).unwrap_err();

        let source = std::error::Error::source(&failure).expect("a hook's error");
        assert_eq!(source.to_string(), format!("{} broke", gravest.label()));
        failing.remove(0);
    }
    let mut ledger = Ledger::new();
    ledger.record_late(2, Duration::from_secs(5));
    ledger.record_late(1, Duration::from_secs(13));
    let late = verdict(&ledger, Some(ShutdownReason::UserRequested)).unwrap_err();
    assert!(matches!(
        late,
        ServiceError::ShutdownDeadlineExceeded { pending: 3, deadline } if deadline.as_secs() == 13
    ));
}

#[test]
fn fatal_outranks_completion() {
    let (_, ledger, _) = walk(Run, Does::Ok);
    let fatal = ShutdownReason::Fatal("late".to_owned());

    let status = verdict(&ledger, Some(fatal)).unwrap();

    assert!(!status.is_graceful());
}

#[test]
fn every_error_is_kept_in_order() {
    let mut ledger = Ledger::new();
    ledger.record(OnStart, StepEnd::Cancelled(Some(error(OnStart))));
    ledger.record(PostStop, StepEnd::Failed(error(PostStop)));
    ledger.record(Cleanup, StepEnd::Failed(error(Cleanup)));

    let steps: Vec<_> = ledger.errors().map(|(step, _)| step).collect();

    assert_eq!(steps, [OnStart, PostStop, Cleanup]);
}
