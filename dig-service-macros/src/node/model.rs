//! What a node does, as read from its block.

use proc_macro2::TokenStream;

use super::hook::Hook;
use super::rpc::Rpc;

/// The hooks and RPC methods of one block, all checked.
#[derive(Default)]
pub(crate) struct Behaviour {
    /// The hooks, at most one of a kind on each set of conditions.
    pub(crate) hooks: Vec<Hook>,
    /// The RPC methods, in the order of the block.
    pub(crate) rpcs: Vec<Rpc>,
    /// Errors that hold only if two conditions hold together.
    pub(crate) conditional_errors: TokenStream,
}
