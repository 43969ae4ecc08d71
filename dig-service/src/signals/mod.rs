//! Signals: seen and counted by a plain OS thread, which works even when every worker is stuck.
//!
//! | signal | while only `main` runs | first | second | third |
//! |---|---|---|---|---|
//! | INT, TERM | `main` is dropped, then the default action | graceful stop | hurried stop | exit 128+n at once |
//! | HUP | as INT | reload, or stop with `ReloadRequested` | ignored while stopping | - |
//!
//! QUIT writes a report to the log (to stderr in a program without one) and changes nothing: phase,
//! reason, what is awaited, all live tasks.
//!
//! On Windows, Ctrl-C, Ctrl-Break and the console's close, logoff and shutdown events count as INT.
//!
//! INT and TERM share one count. A repeat within 200 ms is ignored, so that a terminal's or a
//! wrapper's double delivery does not skip a flush (I10).

mod policy;
mod source;
mod stage;

pub(crate) use self::source::install;
pub(crate) use self::stage::STAGE;
