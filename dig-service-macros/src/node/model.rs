//! What a node does, as read from its block.

use proc_macro2::{Ident, TokenStream};

use super::hook::Hook;
use super::rpc::Rpc;
use super::work::Work;

/// The hooks, RPC methods and children of one block, all checked.
#[derive(Default)]
pub(crate) struct Behaviour {
    /// The hooks, at most one of a kind on each set of conditions.
    pub(crate) hooks: Vec<Hook>,
    /// The RPC methods, in the order of the block.
    pub(crate) rpcs: Vec<Rpc>,
    /// The children and the steps of a reload, in the order of the block.
    pub(crate) works: Vec<Work>,
    /// The methods of the tier `admin` are added.
    pub(crate) has_admin: bool,
    /// `rpc.discover` is answered, with this about the node.
    pub(crate) discover: Option<Discover>,
    /// The methods are described with their schemas.
    pub(crate) has_schemas: bool,
    /// Further blocks of RPC methods, in the order in which they are asked.
    pub(crate) groups: Vec<Ident>,
    /// Errors that hold only if two conditions hold together.
    pub(crate) conditional_errors: TokenStream,
}

impl Behaviour {
    /// Returns whether there is anything to call.
    pub(crate) fn has_rpc(&self) -> bool {
        let has_own = !self.rpcs.is_empty() || self.has_admin || self.discover.is_some();
        has_own || !self.groups.is_empty()
    }
}

/// What the node says of itself.
pub(crate) struct Discover {
    /// Its name, or else that of its type.
    pub(crate) title: String,
    /// The documentation of the block.
    pub(crate) doc: String,
}
