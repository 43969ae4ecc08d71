//! Which kind of item an attribute stands on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Visibility};

use super::{Block, Structure};

/// What `#[node]` or `#[methods]` stands on.
pub(crate) enum Item {
    /// A struct.
    Structure(Structure),
    /// An `impl` block.
    Block(Block),
    /// Some other item, with its keyword.
    Other(Ident),
}

impl Item {
    /// Reads the item.
    pub(crate) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let keyword = keyword(&tokens)?;
        match keyword.to_string().as_str() {
            "struct" => syn::parse2(tokens).map(Self::Structure),
            "impl" => syn::parse2(tokens).map(Self::Block),
            _ => Ok(Self::Other(keyword)),
        }
    }
}

/// Returns the word that says what kind of item this is.
pub(crate) fn keyword(tokens: &TokenStream) -> syn::Result<Ident> {
    let read = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let rest: TokenStream = input.parse()?;
        let words: Vec<Ident> = rest.into_iter().map_while(word).collect();
        let kinds = [
            "fn",
            "struct",
            "impl",
            "enum",
            "trait",
            "mod",
            "type",
            "static",
            "use",
            "macro_rules",
        ];
        let kind = words
            .iter()
            .find(|word| kinds.iter().any(|kind| *word == kind));
        let kind = kind.or_else(|| words.first());
        kind.cloned()
            .ok_or_else(|| syn::Error::new(proc_macro2::Span::call_site(), "expected an item"))
    };
    read.parse2(tokens.clone())
}

/// The qualifiers before a keyword are words, and the ABI's string.
fn word(tree: TokenTree) -> Option<Ident> {
    match tree {
        TokenTree::Ident(word) => Some(word),
        TokenTree::Literal(abi) => Some(Ident::new("abi", abi.span())),
        TokenTree::Group(_) | TokenTree::Punct(_) => None,
    }
}
