//! Marks on nodes, so that a misplaced attribute is an error that says what to do.

/// On every node. Its name is what the compiler prints first when a type is marked twice.
#[expect(
    non_camel_case_types,
    reason = "the name is the message of the compiler's E0119"
)]
pub trait NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods {}

/// On every struct marked `#[node]`: which halves of a node it has.
#[diagnostic::on_unimplemented(
    message = "`#[methods]` belongs to a struct marked `#[dig_service::node]`, and `{Self}` is none",
    label = "not a node struct",
    note = "mark `struct {Self}` with `#[dig_service::node]`; or mark the `impl` block with it alone, in place of `#[dig_service::methods]`"
)]
pub trait NodeStruct {
    /// Whether it answers RPC calls.
    type Rpc;
    /// Whether it has a lifecycle.
    type Lifecycle;
}

/// A half that a node has.
#[derive(Debug)]
pub struct Kept;

/// A half that a node has not.
#[derive(Debug)]
pub struct Left;

/// The half of `N` that answers RPC calls, if it was kept.
#[diagnostic::on_unimplemented(
    message = "`{N}` is marked `lifecycle_only`, so its `#[rpc]` methods could not be called",
    label = "answers no RPC calls",
    note = "drop `lifecycle_only` from the struct's `#[node]`, or `#[rpc]` from these methods"
)]
pub trait RpcHalf<N> {}

impl<N> RpcHalf<N> for Kept {}

/// The half of `N` that is its lifecycle, if it was kept.
#[diagnostic::on_unimplemented(
    message = "`{N}` is marked `rpc_only`, so its hooks would not run",
    label = "has no lifecycle",
    note = "drop `rpc_only` from the struct's `#[node]`, or the hook attributes from these methods"
)]
pub trait LifecycleHalf<N> {}

impl<N> LifecycleHalf<N> for Kept {}

/// Checks that the type of a `#[methods]` block is a node.
pub const fn declared<N: NodeStruct>() {}

/// Checks that the type of a `#[methods]` block with `#[rpc]` in it answers calls.
pub const fn declared_rpc<N: NodeStruct<Rpc: RpcHalf<N>>>() {}

/// Checks that the type of a `#[methods]` block with hooks in it has a lifecycle.
pub const fn declared_hooks<N: NodeStruct<Lifecycle: LifecycleHalf<N>>>() {}

/// Checks that the type of a `#[methods]` block with both in it has both.
pub const fn declared_both<N: NodeStruct<Rpc: RpcHalf<N>, Lifecycle: LifecycleHalf<N>>>() {}
