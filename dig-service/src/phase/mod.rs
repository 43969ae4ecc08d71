//! The phases of a service's life, and of a supervised child's.

mod child;
mod service;

pub use self::child::{ChildPhase, ParseChildPhaseError};
pub use self::service::Phase;
