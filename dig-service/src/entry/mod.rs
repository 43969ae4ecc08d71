//! The entry of a program: what `#[dig_main]` calls.
//!
//! [`run_main`] installs the signal handlers, builds the runtime, awaits the user's `main`, runs
//! the service it returns, and turns the outcome into an exit code. What `main` may return is told
//! by [`MainOutput`]; the codes by [`ExitCodes`](crate::ExitCodes).

mod config;
mod output;
mod report;
mod run;

pub use self::config::MainConfig;
pub use self::output::{Ending, MainError, MainOutput};
pub use self::run::run_main;
