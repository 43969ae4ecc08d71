//! `#[provider]`: parse, check, expand.
//!
//! | stage | where |
//! |---|---|
//! | parse | `crate::syntax`, `crate::options`, `options` |
//! | model | `part` |
//! | check | `collect`, `arguments` |
//! | expand | `expand` |
//!
//! As in `#[node]`, the user's block goes out first, then the impls, then the errors.

mod arguments;
mod collect;
mod expand;
mod options;
mod part;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(crate) use self::part::PartKind;
use crate::errors::Errors;
use crate::syntax::Item;

/// Expands `#[provider]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = match Item::parse(item.clone()) {
        Ok(Item::Block(mut block)) => {
            let options = options::ProviderOptions::parse(options, &mut errors);
            let parts = collect::collect(&mut block, &options, &mut errors);
            if let Some((of_trait, _)) = &block.of_trait {
                errors.push(of_trait, "`#[provider]` needs an inherent `impl` block; write the methods in it and drop the trait");
                block.to_token_stream()
            } else {
                let impls = expand::impls(&block, &options, &parts);
                quote!(#block #impls)
            }
        }
        Ok(Item::Structure(structure)) => {
            errors.push(
                &structure.ident,
                "`#[provider]` goes on an inherent `impl` block, not on `struct`",
            );
            item
        }
        Ok(Item::Other(keyword)) => {
            errors.push(
                &keyword,
                format!("`#[provider]` goes on an inherent `impl` block, not on `{keyword}`"),
            );
            item
        }
        Err(error) => {
            errors.push_error(error);
            item
        }
    };
    let errors = errors.into_tokens();
    quote!(#expanded #errors)
}

#[cfg(test)]
mod tests;
