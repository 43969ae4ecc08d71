//! `#[node]` and `#[methods]`, from tokens to tokens.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse_quote;

use super::expand::{self, Target};
use super::model::Behaviour;
use super::options::NodeOptions;
use super::{client, collect, group, table};
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
    expand_block("methods", options, item, methods)
}

/// Expands `#[rpc_group]`.
pub(crate) fn expand_group(options: TokenStream, item: TokenStream) -> TokenStream {
    expand_block("rpc_group", options, item, on_group)
}

/// Expands an attribute that goes on an inherent `impl` block and nowhere else.
fn expand_block(
    attribute: &str,
    options: TokenStream,
    item: TokenStream,
    block: fn(TokenStream, Block, &mut Errors) -> TokenStream,
) -> TokenStream {
    let wrong = |keyword: &str| {
        format!("`#[{attribute}]` goes on an inherent `impl` block, not on `{keyword}`")
    };
    let mut errors = Errors::default();
    let expanded = match Item::parse(item.clone()) {
        Ok(Item::Block(given)) => block(options, *given, &mut errors),
        Ok(Item::Structure(structure)) => {
            errors.push(structure_keyword(&item, &structure), wrong("struct"));
            item
        }
        Ok(Item::Other(keyword)) => {
            errors.push(&keyword, wrong(&keyword.to_string()));
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
    let beside = beside(&target, &options, &behaviour, errors);
    quote!(#block #impls #beside)
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
    let beside = beside(&target, &options, &behaviour, errors);
    quote!(#block #holder #beside)
}

fn on_group(options: TokenStream, mut block: Block, errors: &mut Errors) -> TokenStream {
    let options = NodeOptions::of_group(options, errors);
    let group = options.group.as_ref();
    let Some(group) = group.filter(|_| is_inherent(&block, &options, errors)) else {
        collect::collect(&mut block, &options, &mut Errors::default());
        return block.to_token_stream();
    };
    let behaviour = collect::collect(&mut block, &options, errors);
    let target = Target::new(&block.generics, &block.self_ty, &block.attrs);
    let holder = group::expand(group, &target, &behaviour, &options.krate);
    let beside = beside(&target, &options, &behaviour, errors);
    quote!(#block #holder #beside)
}

/// Writes what stands beside the impls of a block: its client, and checks.
fn beside(
    target: &Target<'_>,
    options: &NodeOptions,
    behaviour: &Behaviour,
    errors: &mut Errors,
) -> TokenStream {
    let krate = &options.krate;
    let mut beside = behaviour.conditional_errors.clone();
    beside.extend(group::early_check(target, behaviour, krate));
    if let Some(name) = &options.client {
        let methods = client::check(name, target.generics, behaviour, errors);
        beside.extend(client::expand(name, target, &methods, krate));
    }
    beside
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
