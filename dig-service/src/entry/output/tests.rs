use anyhow::Context;

use super::*;
use crate::control::ExitCodes;
use crate::entry::report;
use crate::error::{ExitCode, ServiceError};

/// "An error that carries an `ExitCode` decides for itself", "an error is printed with its
/// chain": what the user put around a `ServiceError` is thrown away.
#[tokio::test]
async fn context_around_a_service_error_is_kept() {
    let failed: ServiceResult<ExitStatus> = Err(ServiceError::AlreadyRunning);
    let output = failed.context(ExitCode(78)).context("cannot run the relay");

    let ending = output.finish().await;

    let told = report::text(&ending);
    assert!(told.contains("cannot run the relay"), "{told}");
    let code = match ending {
        Ending::Ran(outcome, _) => ExitCodes::Simple.code(&outcome),
        Ending::Failed(error) => ExitCodes::Simple.code(&Err(ServiceError::PreStartFailed(error))),
        Ending::Done => 0,
    };
    assert_eq!(code, 78);
}
