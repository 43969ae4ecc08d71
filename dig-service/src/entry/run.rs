//! A program from its first line to its exit code.

use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use crate::control::ExitCodes;
use crate::entry::output::{Ending, MainOutput};
use crate::entry::{MainConfig, report};
use crate::error::{ServiceError, capture};
use crate::process::end_by_signal;
use crate::signals::{self, STAGE};

/// The code for an operating system that refuses threads or handlers, by the table of `Sysexits`.
const EX_OSERR: u8 = 71;

/// Runs a program: signals, runtime, `main`, the service it returns, the exit code.
///
/// This is what `#[dig_main]` expands to.
pub fn run_main<F, Fut>(config: MainConfig, main: F) -> ExitCode
where
    F: FnOnce() -> Fut,
    Fut: Future,
    Fut::Output: MainOutput,
{
    STAGE.activate(config.policy());
    capture::install();
    // I7: before anything slow, before the runtime's first task.
    if config.has_signals
        && let Err(error) = signals::install()
    {
        return refused(config, "cannot handle signals", &error);
    }
    let runtime = match config.build_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return refused(config, "cannot build the runtime", &error),
    };
    let ending = catch_unwind(AssertUnwindSafe(|| runtime.block_on(drive(main))));
    let ending = match ending {
        Ok(ending) => ending,
        Err(payload) => {
            runtime.shutdown_timeout(config.shutdown_timeout);
            resume_unwind(payload)
        }
    };
    tell(&report::text(&ending));
    // I31: blocking work that is stuck cannot hold the process.
    runtime.shutdown_timeout(config.shutdown_timeout);
    let code = code(ending);
    if let Some(number) = STAGE.reraised(code) {
        end_by_signal(i32::from(number));
    }
    ExitCode::from(code)
}

async fn drive<F, Fut>(main: F) -> Ending
where
    F: FnOnce() -> Fut,
    Fut: Future,
    Fut::Output: MainOutput,
{
    let output = {
        let mut main = pin!(main());
        tokio::select! {
            biased;
            output = &mut main => Some(output),
            () = STAGE.main_abandoned() => None,
        }
    };
    match output {
        Some(output) => {
            let ending = output.finish().await;
            STAGE.main_over();
            ending
        }
        None => {
            // The thread of the signals ends the process, now that the future is dropped.
            STAGE.main_dropped();
            std::future::pending().await
        }
    }
}

fn code(ending: Ending) -> u8 {
    match ending {
        Ending::Done => 0,
        Ending::Ran(outcome, _) => STAGE.code(&outcome),
        Ending::Failed(error) => STAGE.code(&Err(failure(error))),
    }
}

/// The failure that an error of `main` stands for: that of the service which it ran, unless it
/// carries a code; otherwise nothing ran, so it counts as that of the first step.
fn failure(error: Arc<anyhow::Error>) -> ServiceError {
    let has_code = error.downcast_ref::<crate::error::ExitCode>().is_some();
    match error.downcast_ref::<ServiceError>() {
        Some(failure) if !has_code => failure.clone(),
        _ => ServiceError::PreStartFailed(error),
    }
}

fn refused(config: MainConfig, what: &str, error: &std::io::Error) -> ExitCode {
    tell(&format!("error: {what}\n  caused by: {error}\n"));
    ExitCode::from(match config.policy().codes {
        ExitCodes::Simple => 1,
        ExitCodes::Sysexits => EX_OSERR,
    })
}

/// Writes to stderr; a closed stderr is no reason to fail.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
