//! Signals: seen and counted by a plain OS thread, which works even when every worker is stuck.
//!
//! | signal | while `main` runs | first | second | third | while stopping |
//! |---|---|---|---|---|---|
//! | INT, TERM | `main` is dropped, the default action follows | graceful stop | hurried stop | exit 128+n at once | counted on |
//! | HUP | as INT | reload, or stop with `ReloadRequested` | - | - | ignored |
//!
//! INT and TERM share one count. A repeat within 200 ms is ignored, so that a terminal's or a
//! wrapper's double delivery does not skip a flush (I10).

mod policy;
mod source;
mod stage;

pub(crate) use self::source::install;
pub(crate) use self::stage::Stage;
