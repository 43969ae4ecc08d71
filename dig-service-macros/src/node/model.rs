//! What a node does, as read from its block.

use proc_macro2::TokenStream;

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
    /// Errors that hold only if two conditions hold together.
    pub(crate) conditional_errors: TokenStream,
}
