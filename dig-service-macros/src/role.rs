//! The role attributes where they mean nothing: outside a node.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// Passes the item on and says where the attribute belongs.
pub(crate) fn outside(name: &str, item: &TokenStream) -> TokenStream {
    let message = format!(
        "`#[{name}]` only has meaning inside an `impl` block marked `#[dig_service::node]`"
    );
    let error = syn::Error::new(Span::call_site(), message).to_compile_error();
    quote!(#item #error)
}
