//! Control: the one door through which a service is looked at and steered from outside.
//!
//! Signals, handles and RPC methods all send a [`Command`] through [`ServiceHandle`]; behind it
//! stands the state that the driver publishes.

mod codes;
mod command;
mod handle;
mod pulse;
mod report;
mod state;
mod status;
mod supervised;

pub(crate) use self::codes::CodePolicy;
pub use self::codes::{ExitCodes, SignalExit};
pub use self::command::{Command, Reply};
pub use self::handle::ServiceHandle;
pub(crate) use self::report::counted;
pub use self::report::{ExitReport, StepError};
pub(crate) use self::state::{Control, ControlSettings};
pub use self::status::StatusReport;
pub(crate) use self::supervised::Supervised;
