//! Control: the one door through which a service is looked at and steered from outside.
//!
//! Signals, handles and RPC methods all come through [`ServiceHandle`]; behind it stands the state
//! that the driver publishes.

mod handle;
mod report;
mod state;

pub use self::handle::ServiceHandle;
pub use self::report::{ExitReport, StepError};
pub(crate) use self::state::Control;
