//! The path of the runtime crate in generated code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::spans;

/// `::dig_service`, or what the user gave as `crate = path`.
pub(crate) struct Krate {
    path: Option<Path>,
}

impl Krate {
    /// Takes the value of the option `crate`.
    pub(crate) fn new(path: Option<Path>) -> Self {
        Self { path }
    }

    /// Returns the crate's path; every token is underlined at `span`.
    pub(crate) fn root(&self, span: Span) -> TokenStream {
        match &self.path {
            Some(path) => spans::moved(path.to_token_stream(), span),
            None => quote_spanned!(span=> ::dig_service),
        }
    }

    /// Returns the path of the module for generated code; every token is underlined at `span`.
    pub(crate) fn private(&self, span: Span) -> TokenStream {
        let root = self.root(span);
        quote_spanned!(span=> #root::__private)
    }

    /// Returns whether `path` is `name` alone or `name` reached through the crate, by whatever path.
    pub(crate) fn leads_to(&self, path: &Path, name: &str) -> bool {
        let mut behind = path.segments.iter().rev();
        if behind.next().is_none_or(|last| last.ident != name) {
            return false;
        }
        let Some(through) = behind.next() else {
            return true;
        };
        let own = self.path.as_ref().and_then(|path| path.segments.last());
        through.ident == "dig_service" || own.is_some_and(|own| own.ident == through.ident)
    }
}
