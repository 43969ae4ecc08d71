//! Stands in for cargo-expand, so that the expansion tests need no tool to be installed.
//!
//! Called as `cargo expand --bin NAME ..` it asks cargo to build that binary with
//! `-Zunpretty=expanded`, with itself as the wrapper of rustc. Called as that wrapper it lifts the
//! ban on `-Z` for the one rustc that gets the flag: lifted for all, build scripts would notice and
//! everything would be built anew.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode, ExitStatus};

const WRAPPER: &str = "DIG_EXPAND_WRAPPER";
const FLAG: &str = "-Zunpretty=expanded";

fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let status = if env::var_os(WRAPPER).is_some() {
        rustc(&args)
    } else {
        cargo(&args)
    };
    let code = status.ok().and_then(|status| status.code());
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

fn cargo(args: &[OsString]) -> std::io::Result<ExitStatus> {
    let bin = args
        .iter()
        .skip_while(|arg| *arg != "--bin")
        .nth(1)
        .cloned()
        .unwrap_or_default();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["rustc", "--profile=check", "--offline", "--bin"])
        .arg(bin)
        .args(["--", FLAG])
        .env("RUSTC_WRAPPER", env::current_exe()?)
        .env(WRAPPER, "1")
        .status()
}

/// The first argument is rustc, the rest is for it.
fn rustc(args: &[OsString]) -> std::io::Result<ExitStatus> {
    let (rustc, args) = args.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(rustc);
    command.args(args);
    if args.iter().any(|arg| arg == FLAG) {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    command.status()
}
