//! The role attributes where they mean nothing: outside a node or a provider.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// Passes the item on and says where the attribute belongs: in a block marked `block`.
pub(crate) fn outside(name: &str, block: &str, item: &TokenStream) -> TokenStream {
    let message = format!(
        "`#[{name}]` only has meaning inside an `impl` block marked `#[dig_service::{block}]`"
    );
    let error = syn::Error::new(Span::call_site(), message).to_compile_error();
    quote!(#item #error)
}
