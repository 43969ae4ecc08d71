//! The description of a node's methods in the OpenRPC format, version 1.2.6: feature `openrpc`.
//!
//! A node with `discover` answers `rpc.discover` with it, and the server over HTTP has it at
//! `GET /openrpc.json`. It is made anew for each call, which is rare, from [`RpcApi::methods`].
//!
//! | file | what is in it |
//! |---|---|
//! | `schema` | what a row of `methods()` carries, and how a type is told apart |
//! | `document` | from rows to the document |
//!
//! [`RpcApi::methods`]: crate::RpcApi::methods

mod document;
mod schema;

pub use self::document::About;
pub(crate) use self::document::document;
pub use self::schema::Described;
pub(crate) use self::schema::{ErrorsFn, SchemaFn};
