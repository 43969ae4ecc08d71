//! The macros, from the user's side.

mod dispatch;
mod hooks;
mod rpc_error;
mod structs;
