//! The header of a struct.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, Token, Visibility, WhereClause, token};

/// The header of a struct; its fields were not looked at.
pub(crate) struct Structure {
    /// The attributes on the struct.
    pub(crate) attrs: Vec<Attribute>,
    /// Its name.
    pub(crate) ident: Ident,
    /// Its parameters and where clause.
    pub(crate) generics: Generics,
}

impl Parse for Structure {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Token![struct]>()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        if input.peek(token::Paren) {
            // The where clause of a tuple struct stands behind the fields.
            let fields;
            syn::parenthesized!(fields in input);
            fields.parse::<TokenStream>()?;
            generics.where_clause = input.parse::<Option<WhereClause>>()?;
        }
        input.parse::<TokenStream>()?;
        Ok(Self {
            attrs,
            ident,
            generics,
        })
    }
}
