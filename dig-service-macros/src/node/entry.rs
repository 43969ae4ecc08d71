//! `#[node]` and `#[methods]`, from tokens to tokens.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse_quote;

use super::expand::{self, Target};
use super::options::NodeOptions;
use super::{collect, table};
use crate::errors::Errors;
use crate::syntax::{Block, Item, Structure};

/// Expands `#[node]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = match Item::parse(item.clone()) {
        Ok(Item::Structure(structure)) => on_struct(options, &structure, &item, &mut errors),
        Ok(Item::Block(block)) => on_block(options, *block, &mut errors),
        Ok(Item::Other(keyword)) => {
            errors.push(&keyword, format!("`#[node]` goes on a `struct` or on an inherent `impl` block, not on `{keyword}`"));
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

/// Expands `#[methods]`.
pub(crate) fn expand_methods(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = match Item::parse(item.clone()) {
        Ok(Item::Block(block)) => methods(options, *block, &mut errors),
        Ok(Item::Structure(structure)) => {
            errors.push(
                structure_keyword(&item, &structure),
                "`#[methods]` goes on an inherent `impl` block, not on `struct`",
            );
            item
        }
        Ok(Item::Other(keyword)) => {
            errors.push(
                &keyword,
                format!("`#[methods]` goes on an inherent `impl` block, not on `{keyword}`"),
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

fn structure_keyword(item: &TokenStream, structure: &Structure) -> TokenStream {
    crate::syntax::keyword(item).map_or_else(
        |_| structure.ident.to_token_stream(),
        |word| word.to_token_stream(),
    )
}

fn on_struct(
    options: TokenStream,
    structure: &Structure,
    item: &TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let options = NodeOptions::of_struct(options, errors);
    let mut generics = structure.generics.clone();
    if !options.bounds.is_empty() {
        generics
            .make_where_clause()
            .predicates
            .extend(options.bounds.iter().cloned());
    }
    let ident = &structure.ident;
    let (_, arguments, _) = generics.split_for_impl();
    let ty = parse_quote!(#ident #arguments);
    let target = Target::new(&generics, &ty, &structure.attrs);
    let impls = table::impls(&target, ident, &options);
    quote!(#item #impls)
}

fn on_block(options: TokenStream, mut block: Block, errors: &mut Errors) -> TokenStream {
    let options = NodeOptions::of_block(options, errors);
    if !is_inherent(&block, &options, errors) {
        collect::collect(&mut block, &options, &mut Errors::default());
        return block.to_token_stream();
    }
    let behaviour = collect::collect(&mut block, &options, errors);
    let target = Target::new(&block.generics, &block.self_ty, &block.attrs);
    let impls = expand::impls(&target, &options, &behaviour);
    let conditional = &behaviour.conditional_errors;
    quote!(#block #impls #conditional)
}

fn methods(options: TokenStream, mut block: Block, errors: &mut Errors) -> TokenStream {
    let options = NodeOptions::of_methods(options, errors);
    if !is_inherent(&block, &options, errors) {
        collect::collect(&mut block, &options, &mut Errors::default());
        return block.to_token_stream();
    }
    let behaviour = collect::collect(&mut block, &options, errors);
    let target = Target::new(&block.generics, &block.self_ty, &block.attrs);
    let holder = table::holder(&target, &options, &behaviour);
    let conditional = &behaviour.conditional_errors;
    quote!(#block #holder #conditional)
}

fn is_inherent(block: &Block, options: &NodeOptions, errors: &mut Errors) -> bool {
    let Some((of_trait, _)) = &block.of_trait else {
        return true;
    };
    let attribute = options.attribute;
    let ty = block.type_path().and_then(|path| path.segments.last());
    let ty = ty.map_or_else(|| "MyNode".to_owned(), |segment| segment.ident.to_string());
    errors.push(of_trait, format!("`#[{attribute}]` needs an inherent `impl` block; write the methods in `impl {ty} {{ .. }}` and drop the trait"));
    false
}
