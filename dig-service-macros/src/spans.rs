//! Where generated tokens point to.
//!
//! A generated local has mixed-site hygiene, so it cannot meet a name of the user; `at` keeps that
//! and only moves what the compiler underlines.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The span of generated code that points nowhere in particular.
pub(crate) fn generated() -> Span {
    Span::mixed_site()
}

/// The span of generated code that is underlined at `place`.
pub(crate) fn at(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// The span of the first token; `Spanned::span` joins on nightly only, so its underlining differs
/// by toolchain.
pub(crate) fn first(tokens: impl ToTokens) -> Span {
    tokens
        .into_token_stream()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |tree| match tree {
            // A type from `macro_rules!` stands in an invisible group, which has no place.
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
                first(group.stream())
            }
            tree => tree.span(),
        })
}

/// Moves every token to `span`'s place and keeps what its names mean.
pub(crate) fn moved(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            if let TokenTree::Group(group) = &tree {
                let stream = moved(group.stream(), span);
                tree = proc_macro2::Group::new(group.delimiter(), stream).into();
            }
            tree.set_span(tree.span().located_at(span));
            tree
        })
        .collect()
}
