//! `#[derive(RpcError)]`: the error of a method as the one that is sent, and back.
//!
//! | file | stage |
//! |---|---|
//! | `mapping` | parse and check: what `#[rpc_error(..)]` says of a variant |
//! | `shape` | model: a variant, or the struct itself |
//! | `expand` | the impl of `IntoRpcError` |

mod expand;
mod mapping;
mod shape;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use self::mapping::Mapping;
use self::shape::Shape;
use crate::errors::Errors;
use crate::node::signature;

/// Expands `#[derive(RpcError)]`.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = match syn::parse2(item) {
        Ok(Item::Enum(item)) => {
            let (common, krate) = mapping::of_type(&item.attrs, &mut errors);
            let shapes: Vec<Shape<'_>> = item
                .variants
                .iter()
                .map(|variant| Shape::of_variant(variant, &common, &mut errors))
                .collect();
            expand::implement(&item.ident, &item.generics, &krate, &shapes)
        }
        Ok(Item::Struct(item)) => {
            let (common, krate) = mapping::of_type(&item.attrs, &mut errors);
            let doc = signature::documentation(&item.attrs);
            let shapes = [Shape::of_struct(&item, common, doc)];
            expand::implement(&item.ident, &item.generics, &krate, &shapes)
        }
        Ok(other) => {
            errors.push(other, "`RpcError` is for enums and structs");
            TokenStream::new()
        }
        Err(error) => {
            errors.push_error(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#expanded #errors)
}
