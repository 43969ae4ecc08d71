//! The live service, as the dashboard shows it: read anew for every request.

mod child;
mod record;
mod rendered;
mod state;
mod why;

pub(crate) use self::child::side;
pub(crate) use self::record::{event_record, log_record};
pub(crate) use self::rendered::Rendered;
pub use self::state::DashboardView;
