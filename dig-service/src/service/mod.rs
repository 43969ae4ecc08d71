//! The service: a node, its peer and RPC slots, and the driver that gives them a life.
//!
//! | item | what it is |
//! |---|---|
//! | [`Service`] | the parts, ready to be started once |
//! | [`Attach`] | what lives beside the node: views, notifiers, sockets |
//! | [`ServiceBuilder`] | a service with more than its parts: deadlines, a JSON-RPC server |
//!
//! The driver asks the lifecycle plan for the next step, does it, and writes down how it ended;
//! what the order is and what the outcome means is decided there, not here.

mod abandon;
mod admin;
mod attachment;
mod builder;
mod children;
mod conclusion;
mod driver;
mod hooks;
mod providers;
mod reload;
#[cfg(feature = "http")]
mod rpc_http;
mod run;
#[expect(
    clippy::module_inception,
    reason = "the file of the type that the room is named for"
)]
mod service;
mod surroundings;
mod waiting;

pub use self::admin::METHODS as ADMIN_METHODS;
pub(crate) use self::admin::answer as answer_admin;
pub use self::attachment::{Attach, AttachContext};
pub use self::builder::ServiceBuilder;
pub use self::providers::ReloadFailure;
pub use self::service::Service;

#[cfg(test)]
mod tests;
