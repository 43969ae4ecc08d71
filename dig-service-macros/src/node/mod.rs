//! `#[node]` and `#[methods]`: parse, model, check, expand.
//!
//! | stage | where |
//! |---|---|
//! | parse | `crate::syntax`, `crate::options`, `roles` |
//! | model | `model`, `hook`, `rpc`, `work` |
//! | check | `collect`, `hook::check`, `rpc::check`, `work::check` |
//! | expand | `client`, `group`, `expand` (an `impl` that is a whole node), `table` (a struct and its methods) |
//!
//! The user's item always goes out first, then the impls, then the errors. A method with an error
//! loses its role and stays a method, so that one mistake is one message.

mod client;
mod collect;
mod entry;
mod expand;
mod group;
mod hook;
mod model;
mod options;
pub(crate) mod roles;
mod rpc;
pub(crate) mod signature;
mod table;
pub(crate) mod work;

pub(crate) use self::entry::{expand, expand_group, expand_methods};
pub(crate) use self::expand::Target;

#[cfg(test)]
mod tests;
