//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::peers::PeerAddr;

/// Where a node answers RPC calls unless told otherwise.
const DEFAULT_RPC: &str = "127.0.0.1:9778";

/// A content-addressed store node: put bytes, get them back by their SHA-256, share them with peers.
///
/// Without a command it runs the node until SIGINT, SIGTERM or the RPC method `node.stop`.
#[derive(Debug, Parser)]
#[command(name = "fullnode", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) node: NodeArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How the node runs.
#[derive(Args, Debug)]
pub(crate) struct NodeArgs {
    /// Where the data is kept; made if absent
    #[arg(long, value_name = "DIR", default_value = "fullnode-data")]
    pub(crate) data: PathBuf,
    /// Where to answer JSON-RPC over HTTP; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_RPC)]
    pub(crate) rpc: SocketAddr,
    /// Where to listen for peers; port 0 takes a free one [default: do not listen]
    #[arg(long, value_name = "ADDR")]
    pub(crate) peer_listen: Option<SocketAddr>,
    /// A peer to stay connected to; may be given several times
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) connect: Vec<PeerAddr>,
    /// Let `digctl` in through a socket at this path [default: no socket]
    #[arg(long, value_name = "PATH")]
    pub(crate) dashboard: Option<PathBuf>,
}

/// What is logged.
#[derive(Args, Clone, Debug)]
pub(crate) struct LogArgs {
    /// What to log on stderr, as in `debug` or `fullnode=debug,warn` [default: $RUST_LOG, or info]
    #[arg(long = "log", value_name = "FILTER")]
    pub(crate) filter: Option<String>,
}

/// What else the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put files into a running node and print their hashes
    Import(ImportArgs),
    /// Print the hashes of blobs as a running node gets them, each with its place
    Follow(FollowArgs),
}

/// What to import, and where to.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// Files, or folders with all that is in them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Where the node answers JSON-RPC over HTTP
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_RPC)]
    pub(crate) rpc: SocketAddr,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// What to follow, and where.
#[derive(Args, Debug)]
pub(crate) struct FollowArgs {
    /// Begin behind this place; 0 is the first blob ever [default: from now on]
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<u64>,
    /// Where the node answers JSON-RPC
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_RPC)]
    pub(crate) rpc: SocketAddr,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

impl Cli {
    /// The filter, wherever it was given.
    pub(crate) fn log_filter(&self) -> Option<&str> {
        let log = match &self.command {
            Some(Command::Import(import)) => &import.log,
            Some(Command::Follow(follow)) => &follow.log,
            None => &self.log,
        };
        log.filter.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["fullnode"], args].concat())
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bare_call_runs_a_node_that_does_not_listen_for_peers() {
        let cli = parse(&[]).unwrap();

        assert!(cli.command.is_none());
        assert_eq!(cli.node.data, PathBuf::from("fullnode-data"));
        assert_eq!(cli.node.rpc.to_string(), DEFAULT_RPC);
        assert!(cli.node.peer_listen.is_none() && cli.node.connect.is_empty());
    }

    #[test]
    fn connect_may_be_repeated() {
        let cli = parse(&["--connect", "a:1", "--connect", "b:2"]).unwrap();

        assert_eq!(cli.node.connect.len(), 2);
    }

    #[test]
    fn import_takes_its_options_behind_it() {
        let cli = parse(&["import", "--rpc", "127.0.0.1:1", "--log", "debug", "a", "b"]).unwrap();

        assert_eq!(cli.log_filter(), Some("debug"));
        let Some(Command::Import(import)) = cli.command else {
            panic!("not an import");
        };
        assert_eq!(import.paths.len(), 2);
        assert_eq!(import.rpc.port(), 1);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let conflict = parse(&["--data", "x", "import", "a"]).unwrap_err();
        assert_eq!(conflict.kind(), ErrorKind::ArgumentConflict);
        for args in [
            ["--rpc", "localhost"],
            ["--connect", "x"],
            ["--peer-listen", "1"],
        ] {
            let error = parse(&args).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ValueValidation, "{args:?}");
        }
    }
}
