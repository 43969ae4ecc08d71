//! The errors of one expansion, collected so that all are reported in one go.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Errors in the order in which they were found, each on the user's tokens.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Adds an error that underlines `tokens`.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error of the parser.
    pub(crate) fn push_error(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Returns how many were found so far; a check that raised the number has failed.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Turns the errors into `compile_error!`s, to stand behind everything else.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}

#[cfg(test)]
impl Errors {
    /// Returns the texts, for tests.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.found.iter().map(ToString::to_string).collect()
    }
}
