//! The attribute macros of `dig-service`.
//!
//! Use them through that crate, which re-exports them all.

mod dig_main;
mod duration;
mod errors;
mod krate;
mod node;
mod options;
mod role;
mod rpc_error;
mod spans;
mod syntax;

use proc_macro::TokenStream;

/// TODO
#[proc_macro_attribute]
pub fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand(options.into(), item.into()).into()
}

/// TODO
#[proc_macro_attribute]
pub fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand_methods(options.into(), item.into()).into()
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[proc_macro_attribute]
            pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
                role::outside(stringify!($name), &item.into()).into()
            }
        )+
    };
}

roles! {
    /// TODO
    rpc;
    /// TODO
    pre_start;
    /// TODO
    on_start;
    /// TODO
    run;
    /// TODO
    on_stop;
    /// TODO
    post_stop;
    /// TODO
    cleanup;
}

/// TODO
#[proc_macro_attribute]
pub fn dig_main(options: TokenStream, item: TokenStream) -> TokenStream {
    dig_main::expand(options.into(), item.into()).into()
}

/// TODO
#[proc_macro_derive(RpcError, attributes(rpc_error))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    rpc_error::expand(item.into()).into()
}
