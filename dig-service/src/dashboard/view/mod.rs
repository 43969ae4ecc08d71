//! The live service, as the dashboard shows it: read anew for every request.

mod child;
mod record;
mod state;
mod why;

pub(crate) use self::child::side;
pub(crate) use self::record::{event_record, log_record};
pub use self::state::DashboardView;
