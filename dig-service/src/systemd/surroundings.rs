//! What systemd says through the environment.

use std::ffi::OsString;
use std::time::Duration;

/// The variables of `sd_notify(3)` and `sd_watchdog_enabled(3)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// The name of the socket.
    pub(super) socket: Option<OsString>,
    /// Within what time the watchdog wants to be fed.
    pub(super) watchdog: Option<Duration>,
}

impl Surroundings {
    pub(super) fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name), std::process::id())
    }

    pub(super) fn read(variable: impl Fn(&str) -> Option<OsString>, process: u32) -> Self {
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        // The variables are inherited: the watchdog may be meant for our parent.
        let is_ours = match variable("WATCHDOG_PID") {
            Some(_) => number("WATCHDOG_PID") == Some(u64::from(process)),
            None => true,
        };
        let micros = number("WATCHDOG_USEC").filter(|micros| *micros > 0 && is_ours);
        Self {
            socket: variable("NOTIFY_SOCKET").filter(|name| !name.is_empty()),
            watchdog: micros.map(Duration::from_micros),
        }
    }
}
