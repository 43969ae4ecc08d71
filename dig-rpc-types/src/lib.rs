//! JSON-RPC 2.0 wire types.

pub mod errors;

pub use errors::{ErrorCode, OtherCode};
