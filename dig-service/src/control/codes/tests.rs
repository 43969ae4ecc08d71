use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::*;

type Outcome = Result<ExitStatus>;

fn ended(reason: ExitReason) -> Outcome {
    Ok(ExitStatus { reason })
}

fn asked(reason: ShutdownReason) -> Outcome {
    ended(ExitReason::RequestedShutdown(reason))
}

fn boom() -> Arc<anyhow::Error> {
    Arc::new(anyhow::anyhow!("boom"))
}

fn io_failure(kind: io::ErrorKind) -> Arc<anyhow::Error> {
    Arc::new(anyhow::Error::new(io::Error::from(kind)).context("while opening"))
}

fn panicked() -> Arc<anyhow::Error> {
    let panic = crate::error::guard(|| panic!("boom")).unwrap_err();
    Arc::new(anyhow::Error::new(panic))
}

#[test]
fn codes_follow_the_table() {
    let late = ServiceError::ShutdownDeadlineExceeded {
        deadline: Duration::from_secs(1),
        pending: 1,
    };
    let table: [(Outcome, u8, u8); 15] = [
        (ended(ExitReason::RunCompleted), 0, 0),
        (asked(ShutdownReason::UserRequested), 0, 0),
        (asked(ShutdownReason::RpcRequested), 0, 0),
        (asked(ShutdownReason::RequestedByRun), 0, 0),
        (asked(ShutdownReason::ReloadRequested), 0, 75),
        (asked(ShutdownReason::Fatal("boom".to_owned())), 1, 70),
        (ended(ExitReason::RunError(boom())), 1, 70),
        (Err(ServiceError::RunFailed(boom())), 1, 70),
        (Err(ServiceError::PreStartFailed(boom())), 1, 70),
        (
            Err(ServiceError::PreStartFailed(io_failure(
                io::ErrorKind::PermissionDenied,
            ))),
            1,
            77,
        ),
        (
            Err(ServiceError::OnStartFailed(io_failure(
                io::ErrorKind::AddrInUse,
            ))),
            1,
            73,
        ),
        (
            Err(ServiceError::OnStartFailed(io_failure(
                io::ErrorKind::NotFound,
            ))),
            1,
            70,
        ),
        (Err(ServiceError::OnStopFailed(boom())), 1, 74),
        (Err(ServiceError::OnStopFailed(panicked())), 1, 70),
        (Err(late), 1, 124),
    ];
    for (outcome, simple, sysexits) in table {
        assert_eq!(ExitCodes::Simple.code(&outcome), simple, "{outcome:?}");
        assert_eq!(ExitCodes::Sysexits.code(&outcome), sysexits, "{outcome:?}");
    }
}

#[test]
fn carried_code_wins_and_is_never_zero() {
    let carries = |code| {
        let error = Err::<(), _>(anyhow::anyhow!("bad port")).context(ExitCode(code));
        Err(ServiceError::PreStartFailed(Arc::new(
            error.unwrap_err().context("configuration"),
        )))
    };

    assert_eq!(ExitCodes::Simple.code(&carries(78)), 78);
    assert_eq!(ExitCodes::Sysexits.code(&carries(78)), 78);
    assert_eq!(ExitCodes::Simple.code(&carries(0)), 1);
}
