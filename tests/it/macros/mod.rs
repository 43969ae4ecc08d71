//! The macros, from the user's side.

#![expect(
    clippy::unused_async,
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "the methods have the signatures that the macros must take, not those they need"
)]

mod admin;
mod blocking;
mod contexts;
mod described;
mod dispatch;
mod groups;
mod halves;
mod hook_contexts;
mod hooks;
mod options;
mod rpc_error;
mod structs;
mod timeout;
mod typed_errors;
mod whole;
