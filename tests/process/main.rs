//! Whole programs: signals, exit codes, data that survives.
#![cfg(unix)]
#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]
#![expect(clippy::disallowed_types, reason = "processes run in real time")]

mod child;
mod digctl;
mod faulty;
mod fullnode;
#[cfg(target_os = "linux")]
mod init;
mod lifecycle;
mod mains;
mod odd;
mod providers;
mod signal_exit;
mod supervised;
mod support;
mod systemd;
