//! The attribute macros of `dig-service`.
//!
//! Use them through that crate, which re-exports them all; the generated code names nothing else.
//! [`macro@node`] is where to begin.

mod dig_main;
mod duration;
mod errors;
mod krate;
mod node;
mod options;
mod provider;
mod role;
mod rpc_error;
mod spans;
mod syntax;

use proc_macro::TokenStream;

#[doc = include_str!("pages/node.md")]
#[proc_macro_attribute]
pub fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand(options.into(), item.into()).into()
}

/// Adds behaviour to a struct marked [`macro@node`].
///
/// A node has one such block; it may stand in any module of the crate, before or behind the struct.
/// It takes the same roles as `#[node]` on an `impl` block, and the options that shape RPC names:
/// `namespace`, `separator`, `rename_all`, `admin`, `discover`, `client`, `groups(..)` and `crate`.
///
/// # Examples
///
/// ```
/// use dig_service::RpcApi;
///
/// #[dig_service::node(name = "relay")]
/// struct Relay;
///
/// #[dig_service::methods(namespace = "relay")]
/// impl Relay {
///     #[rpc]
///     fn peers(&self) -> u32 {
///         0
///     }
/// }
///
/// assert_eq!(Relay::methods()[0].name(), "relay_peers");
/// ```
#[proc_macro_attribute]
pub fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand_methods(options.into(), item.into()).into()
}

#[doc = include_str!("pages/rpc_group.md")]
#[proc_macro_attribute]
pub fn rpc_group(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand_group(options.into(), item.into()).into()
}

#[doc = include_str!("pages/dig_main.md")]
#[proc_macro_attribute]
pub fn dig_main(options: TokenStream, item: TokenStream) -> TokenStream {
    dig_main::expand(options.into(), &item.into()).into()
}

#[doc = include_str!("pages/rpc_error.md")]
#[proc_macro_derive(RpcError, attributes(rpc_error))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    rpc_error::expand(item.into()).into()
}

#[doc = include_str!("pages/provider.md")]
#[proc_macro_attribute]
pub fn provider(options: TokenStream, item: TokenStream) -> TokenStream {
    provider::expand(options.into(), item.into()).into()
}

/// The blocks of a role that nodes and providers have in common.
const EITHER_BLOCK: &str = "node]` or `#[dig_service::provider";

macro_rules! roles {
    ($block:literal: $($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[proc_macro_attribute]
            pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
                role::outside(stringify!($name), $block, &item.into()).into()
            }
        )+
    };
}

roles! { "provider":
    /// Marks the method that builds and publishes what a provider offers, inside a block marked
    /// [`macro@provider`].
    ///
    /// Beside `&self` it may take the state by reference, `&BootContext<'_, S>`, and the providers
    /// that it depends on as `Arc<T>` or `Option<Arc<T>>`.
    boot;
    /// Marks the method that says whether a provider fits together with the rest, inside a block
    /// marked [`macro@provider`]. It is not async.
    validate;
    /// Marks the method that reads and checks what [`macro@reload`] will apply, inside a block marked
    /// [`macro@provider`].
    prepare;
    /// Marks the method that goes back to what was before the last [`macro@reload`], inside a block
    /// marked [`macro@provider`].
    revert;
    /// Marks the method that takes back what a provider has outside, inside a block marked
    /// [`macro@provider`].
    shutdown;
}

/// Marks what applies a change when the configuration is reloaded.
///
/// Inside a block marked [`macro@provider`] the provider is reloadable by it. Inside a block marked
/// [`macro@node`] or [`macro@methods`] it is a step of the node's own reload, after that of the
/// providers: it takes `&self` and returns `()` or a `Result<(), E>`; there may be several, which
/// run one by one. A node with such a step is reloaded in place, and goes on.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `order = 10` | in a node: steps of lower order come first; 0 by default |
#[proc_macro_attribute]
pub fn reload(_: TokenStream, item: TokenStream) -> TokenStream {
    role::outside("reload", EITHER_BLOCK, &item.into()).into()
}

/// Marks the node's work, inside a block marked [`macro@node`] or [`macro@methods`]. Its context
/// is `RunContext`; without this hook a node waits until it is told to stop.
///
/// Inside a block marked [`macro@provider`] it marks the provider's long work, which may take the
/// state by value and a `TaskContext`. An `async fn` runs on a clone of the provider; a `fn` that
/// returns a future needs none.
#[proc_macro_attribute]
pub fn run(_: TokenStream, item: TokenStream) -> TokenStream {
    role::outside("run", EITHER_BLOCK, &item.into()).into()
}

roles! { "node":
    #[doc = include_str!("pages/task.md")]
    task;
    #[doc = include_str!("pages/supervised.md")]
    supervised;
    #[doc = include_str!("pages/rpc.md")]
    rpc;
    /// Marks the hook that opens what must be there before anything else, inside a block marked
    /// [`macro@node`] or [`macro@methods`].
    ///
    /// It takes `&self` and at most `&StartContext<'_>`, and returns `()` or a `Result<(), E>`; so
    /// do all hooks, each with its context.
    pre_start;
    /// Marks the hook that runs when the transports are bound, inside a block marked
    /// [`macro@node`] or [`macro@methods`]. Its context is `&StartContext<'_>`.
    on_start;
    /// Marks the hook that runs when all tasks are joined, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    on_stop;
    /// Marks the hook that closes what `pre_start` opened, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    post_stop;
    /// Marks the hook that runs last on every path, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    cleanup;
}
