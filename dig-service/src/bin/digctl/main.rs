//! `digctl`: looks into a running service and steers it, through its control socket.
//!
//! ```text
//! digctl -s /run/node-1.sock status
//! digctl -s /run/node-1.sock restart /market/feed --reason "stale prices"
//! digctl -s /run/node-1.sock top
//! ```
//!
//! Tables for people, `--json` for machines. Exit codes: 0 done, 1 the service did not do it, 2 wrong
//! usage or not confirmed, 3 the socket cannot be reached, 4 the socket refused the request.

#[cfg(unix)]
mod args;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod follow;
#[cfg(unix)]
mod outcome;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod top;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    use clap::Parser;

    let args = args::Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run::run(args)),
        Err(error) => Err(outcome::Failure::from(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            failure.code()
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    use std::io::Write;

    let what = "digctl talks to Unix sockets, which this system does not have";
    // Nobody is left to be told.
    let _ = writeln!(std::io::stderr(), "{what}");
    ExitCode::from(3)
}
