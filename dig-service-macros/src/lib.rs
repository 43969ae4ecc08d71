//! The attribute macros of `dig-service`.
