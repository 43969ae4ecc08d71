//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// Looks into a running service and steers it, through its control socket.
#[derive(Debug, Parser)]
#[command(
    name = "digctl",
    version,
    after_help = "Exit codes: 0 done, 1 the service did not do it, 2 wrong usage or not confirmed,\n3 the socket cannot be reached, 4 the socket refused the request."
)]
pub(crate) struct Cli {
    /// The service's control socket
    #[arg(short, long, value_name = "PATH", env = "DIGCTL_SOCKET", global = true)]
    pub(crate) socket: Option<PathBuf>,
    /// Print JSON, one object per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Do not ask before dangerous commands
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// How the service and its children stand
    Status,
    /// The live tasks, the oldest first
    Tasks,
    /// What has happened, and with --follow what happens
    Events {
        /// Go on with what comes
        #[arg(short, long)]
        follow: bool,
        /// Only what came after this sequence number
        #[arg(long, value_name = "SEQ")]
        since: Option<u64>,
    },
    /// The log, and with --follow what is logged
    Logs {
        /// Go on with what comes
        #[arg(short, long)]
        follow: bool,
    },
    /// End a child, and start it anew
    Restart(Child),
    /// End a child, until it is resumed
    Pause(Child),
    /// Start a child that was paused or quarantined
    Resume(Child),
    /// Take a child out of service, until it is resumed
    Quarantine(Child),
    /// End a child, and forget it
    Remove(Child),
    /// Add a child by its manifest
    Add {
        /// A file with a JSON or YAML object; - is the standard input
        file: PathBuf,
        #[command(flatten)]
        audit: Audit,
    },
    /// End all children; the service goes on
    ShutdownTree(Audit),
    /// Reload in place
    Reload(Audit),
    /// Stop the service
    Stop {
        /// Wait until it is over; the exit code is 1 if its own is not 0
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        audit: Audit,
    },
    /// Why the service is stopping, what it waits for, how long is left
    Why,
    /// A live view, with keys to act
    Top {
        /// How often it is drawn anew, in milliseconds
        #[arg(long, value_name = "MS", default_value_t = 500)]
        every: u64,
        #[command(flatten)]
        who: Who,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// A child, and why.
#[derive(Args, Debug)]
pub(crate) struct Child {
    /// The child's name, or its whole path
    pub(crate) child: String,
    #[command(flatten)]
    pub(crate) audit: Audit,
}

/// Who asks, and why.
#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// Why; written into the service's journal
    #[arg(short, long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) who: Who,
}

/// Who asks.
#[derive(Args, Clone, Debug)]
pub(crate) struct Who {
    /// Who asks; a label, beside which the service records the user of this process
    #[arg(long, value_name = "NAME", env = "USER", default_value = "digctl")]
    pub(crate) by: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn child_commands_need_a_reason() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["digctl", "-s", "/s"], args].concat());

        for command in ["restart", "pause", "resume", "quarantine", "remove"] {
            assert!(parse(&[command, "feed"]).is_err());
            assert!(parse(&[command, "feed", "--reason", "stale"]).is_ok());
        }
        assert!(parse(&["stop"]).is_err() && parse(&["reload"]).is_err());
        assert!(parse(&["stop", "-r", "moving", "--wait", "--json"]).is_ok());
    }
}
