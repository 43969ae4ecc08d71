//! A service with a fault in it: watch from a shell what becomes of it.
//!
//! ```text
//! cargo build --example faulty
//! target/debug/examples/faulty --at on_stop --do hang --deadline-total 3s & sleep 1; kill $!
//! ```
//!
//! Each line on stdout is one event: a hook began or ended, a task was dropped, a late spawn was
//! refused. `docs/faults.md` tells for each place and fault what is to be expected.

mod cli;

use std::io::{self, Write};
use std::sync::OnceLock;

use dig_service::testing::{Faulty, TestNode, Transcript};
use dig_service::{Deadlines, ExitCodes, ExitStatus, MainOutput, Result, Service};
use tokio::runtime::Builder;

use crate::cli::Cli;

#[dig_service::dig_main(runtime = runtime, exit_code = exit_code)]
async fn main() -> impl MainOutput {
    let cli = cli();
    if cli.log {
        tracing_subscriber::fmt().with_writer(io::stderr).init();
    }
    let node = Faulty::new(TestNode::default(), cli.plan());
    let node = node.with_transcript(Transcript::with_echo(say));
    let mut deadlines = Deadlines::default();
    if let Some(total) = cli.deadline_total {
        deadlines = deadlines.with_total(total);
    }
    Service::builder(node).deadlines(deadlines)
}

fn runtime() -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(cli().workers);
    builder
}

fn exit_code(outcome: &Result<ExitStatus>) -> u8 {
    let codes = match cli().sysexits {
        true => ExitCodes::Sysexits,
        false => ExitCodes::Simple,
    };
    codes.code(outcome)
}

/// The command line is read once, before there is a runtime: it sets the number of workers.
fn cli() -> &'static Cli {
    static CLI: OnceLock<Cli> = OnceLock::new();
    CLI.get_or_init(Cli::read)
}

/// Writes a line at once; who reads no more is no reason to fail.
fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
