//! What a small JSON-RPC call costs the server: the CPU time of its process per request, under 64
//! connections that are kept alive and have one request on its way each.
//!
//! ```sh
//! cargo run --release --manifest-path compare/Cargo.toml -p compare-rpc
//! ```
//!
//! `-- --check` fails if dig-service misses its budget; `--rounds N` and `--requests N` make the run
//! longer or shorter. Linux only: the CPU time is read from `/proc`.
//!
//! Each server is a process of its own, this program called with `serve NAME`; all of them live for
//! the whole run and are measured in turns. The load comes from one thread of the parent.

mod contestant;
mod load;
mod options;
mod process;
mod report;
mod serve;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;

use crate::contestant::Contestant;
use crate::options::{Options, Task};
use crate::process::Server;
use crate::report::Figures;

fn main() -> anyhow::Result<ExitCode> {
    match Options::read(std::env::args().skip(1))? {
        Task::Serve(contestant) => serve::run(contestant).map(|()| ExitCode::SUCCESS),
        Task::Measure(options) => {
            // One thread, so that the other core is the server's.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let figures = runtime.block_on(measure(&options))?;
            print!("{figures}");
            let missed = figures.missed();
            for what in &missed {
                eprintln!("missed: {what}");
            }
            let is_failed = options.is_checked && !missed.is_empty();
            Ok(ExitCode::from(u8::from(is_failed)))
        }
    }
}

/// Starts all servers, and loads one after the other, round by round.
async fn measure(options: &Options) -> anyhow::Result<Figures> {
    let mut servers = Vec::new();
    for contestant in Contestant::ALL {
        let server = Server::start(contestant);
        servers.push(server.with_context(|| contestant.name())?);
    }
    let mut figures = Figures::new(options);
    let is_watched = std::io::stderr().is_terminal();
    for round in 0..options.rounds {
        if is_watched {
            eprint!("\rround {} of {} ", round + 1, options.rounds);
        }
        // The first of a round is another each time.
        for turn in 0..servers.len() {
            let server = &servers[(round + turn) % servers.len()];
            let cost = load::round(server, options.requests).await;
            let cost = cost.with_context(|| server.contestant.name())?;
            figures.add(server.contestant, cost);
        }
    }
    if is_watched {
        eprintln!();
    }
    for server in servers {
        let contestant = server.contestant;
        server.stop().with_context(|| contestant.name())?;
    }
    Ok(figures)
}
