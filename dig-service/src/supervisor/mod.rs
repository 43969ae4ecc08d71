//! Under which policies work that ends is started again.
//!
//! | value | what it says |
//! |---|---|
//! | [`RestartPolicy`] | after which ends |
//! | [`Backoff`], [`Jitter`] | after which delay |
//! | [`Intensity`] | how often at most |
//!
//! The long work of a provider ([`Runnable`](crate::registry::Runnable)) goes by them.

pub use crate::decl::{
    Backoff, Intensity, InvalidBackoff, InvalidIntensity, Jitter, ParseRestartPolicyError,
    RestartPolicy,
};
